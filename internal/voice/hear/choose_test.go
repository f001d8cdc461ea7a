package hear

import "testing"

func TestChoose(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		hits []hit
		want string
	}{
		"nothing":                                {nil, ""},
		"in the order of time":                   {[]hit{{'B', 5000, 8000, 0.9}, {'A', 0, 3000, 0.99}}, "AB"},
		"the better of two in one place":         {[]hit{{'B', 0, 3000, 0.9}, {'A', 10, 3010, 0.99}}, "A"},
		"the longer, of which one is a part":     {[]hit{{'E', 1000, 3000, 0.995}, {'C', 0, 3000, 0.985}}, "C"},
		"the shorter, if the longer is too weak": {[]hit{{'E', 1000, 3000, 0.99}, {'C', 0, 3000, 0.7}}, "E"},
		"both, if they hardly touch":             {[]hit{{'A', 0, 3000, 0.99}, {'B', 2900, 6000, 0.99}}, "AB"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, h := range choose(tt.hits) {
				got += string(h.character)
			}
			if got != tt.want {
				t.Errorf("choose = %q, want %q", got, tt.want)
			}
		})
	}
}
