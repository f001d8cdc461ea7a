package sms_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pinpost/pinpost/internal/sms"
)

func TestSeptets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []byte
	}{
		"nothing":                          {"", []byte{}},
		"letters are as in ASCII":          {"Az9", []byte{0x41, 0x7A, 0x39}},
		"an underscore is not as in ASCII": {"_", []byte{0x11}},
		"the at sign is zero":              {"@", []byte{0x00}},
		"a dollar sign":                    {"$", []byte{0x02}},
		"before the escape":                {"Ξ", []byte{0x1A}},
		"after the escape":                 {"Æ", []byte{0x1C}},
		"the last of the table":            {"à", []byte{0x7F}},
		"upside-down marks":                {"¡¿", []byte{0x40, 0x60}},
		"a paragraph sign":                 {"§", []byte{0x5F}},
		"pairs for the extension table": {"\f^{}\\[~]|€", []byte{
			0x1B, 0x0A, 0x1B, 0x14, 0x1B, 0x28, 0x1B, 0x29, 0x1B, 0x2F,
			0x1B, 0x3C, 0x1B, 0x3D, 0x1B, 0x3E, 0x1B, 0x40, 0x1B, 0x65,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := sms.Septets(tt.text)
			if !ok || !bytes.Equal(got, tt.want) {
				t.Errorf("Septets(%q) = % X, %t, want % X", tt.text, got, ok, tt.want)
			}
			if back := sms.FromSeptets(got); back != tt.text {
				t.Errorf("FromSeptets(% X) = %q, want %q", got, back, tt.text)
			}
		})
	}
}

func TestSeptets_foreign(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"`", "ç", "ж", "😀", "\t", "\x1b", "\xff"} {
		if got, ok := sms.Septets(text); ok {
			t.Errorf("Septets(%q) = % X, want it refused", text, got)
		}
	}
}

func TestFromSeptets_strange(t *testing.T) {
	t.Parallel()
	tests := map[string]string{"\x1b\x41": " A", "\x41\x1b": "A", "\xC1": "?", "\x1b\x1b\x65": " €"}
	for septets, want := range tests {
		if got := sms.FromSeptets([]byte(septets)); got != want {
			t.Errorf("FromSeptets(% X) = %q, want %q", septets, got, want)
		}
	}
}

func TestPack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		fill int
		want []byte
	}{
		"hello, the textbook's":     {"hellohello", 0, []byte{0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37}},
		"one letter":                {"a", 0, []byte{0x61}},
		"one letter after one bit":  {"a", 1, []byte{0xC2}},
		"two letters after one bit": {"ab", 1, []byte{0xC2, 0x62}},
		"nothing":                   {"", 0, []byte{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			septets, _ := sms.Septets(tt.text)
			got := sms.Pack(septets, tt.fill)
			if !bytes.Equal(got, tt.want) {
				t.Errorf("Pack(%q, %d) = % X, want % X", tt.text, tt.fill, got, tt.want)
			}
			if back := sms.Unpack(got, tt.fill, len(septets)); !bytes.Equal(back, septets) {
				t.Errorf("Unpack = % X, want % X", back, septets)
			}
		})
	}
}

func TestFillBits(t *testing.T) {
	t.Parallel()
	for header, want := range map[int]int{0: 0, 6: 1, 7: 0, 1: 6} {
		if got := sms.FillBits(header); got != want {
			t.Errorf("FillBits(%d) = %d, want %d", header, got, want)
		}
	}
}

func TestSingleOctets(t *testing.T) {
	t.Parallel()
	if got, ok := sms.Latin1("Grüße_"); !ok || string(got) != "Gr\xfc\xdfe_" {
		t.Errorf("Latin1 = % X, %t", got, ok)
	}
	if got, ok := sms.Latin1("5 €"); ok {
		t.Errorf("Latin1 of a euro sign = % X, want it refused", got)
	}
	if got, ok := sms.ASCII("a_`"); !ok || string(got) != "a_`" {
		t.Errorf("ASCII = % X, %t", got, ok)
	}
	if got, ok := sms.ASCII("ü"); ok {
		t.Errorf("ASCII of an umlaut = % X, want it refused", got)
	}
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	got := sms.UTF16("ж✓😀")
	if want := []byte{0x04, 0x36, 0x27, 0x13, 0xD8, 0x3D, 0xDE, 0x00}; !bytes.Equal(got, want) {
		t.Errorf("UTF16 = % X, want % X", got, want)
	}
	if back := sms.FromUTF16(append(got, 0x04)); back != "ж✓😀" {
		t.Errorf("FromUTF16 = %q, want the text without the odd octet", back)
	}
}

func TestSplitAs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text     string
		encoding sms.Encoding
		wide     bool
		want     int
	}{
		"306 letters, 8-bit reference":      {strings.Repeat("a", 306), sms.EncodingGSM7, false, 2},
		"305 letters, 16-bit reference":     {strings.Repeat("a", 305), sms.EncodingGSM7, true, 3},
		"304 letters, 16-bit reference":     {strings.Repeat("a", 304), sms.EncodingGSM7, true, 2},
		"160 letters, 16-bit reference":     {strings.Repeat("a", 160), sms.EncodingGSM7, true, 1},
		"71 Latin letters as UCS-2":         {strings.Repeat("a", 71), sms.EncodingUCS2, false, 2},
		"133 UCS-2 units, 16-bit reference": {strings.Repeat("ж", 133), sms.EncodingUCS2, true, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parts, ok := sms.SplitAs(tt.text, tt.encoding, tt.wide)
			if !ok || len(parts) != tt.want || strings.Join(parts, "") != tt.text {
				t.Errorf("SplitAs gives %d parts, %t, want the text in %d", len(parts), ok, tt.want)
			}
		})
	}
	if _, ok := sms.SplitAs("ж", sms.EncodingGSM7, false); ok {
		t.Error("SplitAs takes a Cyrillic letter as seven-bit")
	}
}

func FuzzSeptets(f *testing.F) {
	for _, seed := range []string{"", "Your PIN_ is {1234} €", "жф", "hellohello", "\xff", "@@@@@@@"} {
		f.Add(seed, 1)
	}
	f.Fuzz(func(t *testing.T, text string, fill int) {
		fill = min(max(fill, 0), 6)
		septets, ok := sms.Septets(text)
		if ok != (sms.SegmentsOf(text).Encoding == sms.EncodingGSM7) {
			t.Fatalf("Septets(%q) = %t, SegmentsOf says otherwise", text, ok)
		}
		if utf8.ValidString(text) && sms.FromUTF16(sms.UTF16(text)) != text {
			t.Errorf("UTF16(%q) does not come back", text)
		}
		_ = sms.FromSeptets([]byte(text))
		if !ok {
			return
		}
		if back := sms.FromSeptets(sms.Unpack(sms.Pack(septets, fill), fill, len(septets))); back != text {
			t.Errorf("packing %q after %d bits gives %q", text, fill, back)
		}
	})
}
