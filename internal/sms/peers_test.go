//go:build peers

package sms_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/sms"
)

// counter counts the parts of texts with npm's sms-segments-calculator, which Twilio wrote.
const counter = `
const { SegmentedMessage } = require("sms-segments-calculator");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => {
  const message = new SegmentedMessage(text);
  return { count: message.segmentsCount, encoding: message.encodingName };
})));
`

// TestPeers_segments compares a thousand texts, many of them as long as a part, with what somebody else counts.
func TestPeers_segments(t *testing.T) {
	t.Parallel()
	alphabets := []string{"abc ÄÖ@£", "a€{}[]~\\^|", "жЖ a", "😀a", "中文b"}
	source := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same texts each time
	texts := []string{strings.Repeat("€", 80), strings.Repeat("€", 81), strings.Repeat("😀", 36), strings.Repeat("😀", 67), "ç", "Ç", "`"}
	for len(texts) < 1000 {
		alphabet := []rune(alphabets[source.IntN(len(alphabets))])
		length := []int{1, 34, 35, 36, 66, 67, 68, 69, 70, 71, 133, 134, 135, 152, 153, 154, 159, 160, 161, 305, 306, 307}[source.IntN(22)]
		var text strings.Builder
		for range length {
			text.WriteRune(alphabet[source.IntN(len(alphabet))])
		}
		texts = append(texts, text.String())
	}
	folder := os.Getenv("PINPOST_PEERS_NODE_MODULES")
	if folder == "" {
		t.Fatal("PINPOST_PEERS_NODE_MODULES must name a folder with npm sms-segments-calculator 1.3.0")
	}
	asked, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "-e", counter)
	cmd.Env = append(os.Environ(), "NODE_PATH="+folder)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(asked)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var counted []struct {
		Count    int
		Encoding string
	}
	if err := json.Unmarshal(out, &counted); err != nil || len(counted) != len(texts) {
		t.Fatalf("%d counts, %v, want %d", len(counted), err, len(texts))
	}
	for i, text := range texts {
		got := sms.SegmentsOf(text)
		if got.Count != counted[i].Count || string(got.Encoding) != counted[i].Encoding {
			t.Errorf("SegmentsOf(%q) = %+v, and others count %+v", text, got, counted[i])
		}
	}
}
