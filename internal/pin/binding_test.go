package pin

import (
	"fmt"
	"testing"

	"github.com/pinpost/pinpost/internal/phone"
)

// TestBinding_as_fmt keeps the bytes that codes at rest are bound to: with others no PIN that is stored could be opened.
func TestBinding_as_fmt(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"9C817C6F8AF3D48F9FE553282AFA2B67", "", "a \"b\" \\ é \u2028 \x00 \xff 🔑"} {
		p := PIN{ID: id, AccountID: id + "A", ApplicationID: "B" + id, To: phone.Number("41793026727")}
		want := fmt.Sprintf("%q %q %q %q", p.ID, p.AccountID, p.ApplicationID, "41793026727")
		if got := string(binding(p)); got != want {
			t.Errorf("binding is %s, want %s", got, want)
		}
	}
}
