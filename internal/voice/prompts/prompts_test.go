package prompts

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/voice/sound"
)

// documented are the language codes of the API.
var documented = []string{
	"en", "es", "ca", "da", "nl", "fr", "de", "it", "ja", "ko", "no", "pl", "ru", "sv", "fi", "hr", "sl", "ro",
	"pt_pt", "pt_br", "zh_cn", "zh_tw", "pt-pt", "pt-BR", "zh-cn", "zh-TW", "",
}

func TestLoad_every_language_has_every_character(t *testing.T) {
	t.Parallel()
	for _, code := range documented {
		pack, err := Load(code)
		if err != nil {
			t.Errorf("Load(%q) = %v", code, err)
			continue
		}
		for _, character := range []byte(Alphabet) {
			pcm, err := pack.Spoken(character)
			if length := sound.Length(len(pcm)); err != nil || length < 100*time.Millisecond || length > 2*time.Second {
				t.Errorf("%c in %q lasts %v, %v, want 0.1 to 2 s", character, code, length, err)
			}
		}
	}
}

func TestLoad_unknown_language(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"tlh", "README", "../en", "english"} {
		if _, err := Load(code); err == nil {
			t.Errorf("Load(%q) gives prompts, want an error", code)
		}
	}
}

func TestSpoken(t *testing.T) {
	t.Parallel()
	pack, err := Load("en")
	if err != nil {
		t.Fatal(err)
	}
	capital, _ := pack.Spoken('Q')
	small, err := pack.Spoken('q')
	if err != nil || len(small) != len(capital) {
		t.Errorf("q has %d samples, %v, want the %d of Q", len(small), err, len(capital))
	}
	for _, character := range []byte{' ', '*', '/', ':', '@', '[', '`', '{', 0, 255} {
		if _, err := pack.Spoken(character); err == nil {
			t.Errorf("character %q is spoken, want an error", character)
		}
	}
}

func TestDecode_reads_what_Encode_wrote(t *testing.T) {
	t.Parallel()
	file, err := files.ReadFile("ko.ulaw")
	if err != nil {
		t.Fatal(err)
	}
	pack, err := decode(file)
	if err != nil || !bytes.Equal(pack.Encode(), file) {
		t.Errorf("the file is not what Encode gives for it, %v", err)
	}
	beyond := bytes.Clone(file)
	binary.BigEndian.PutUint32(beyond[8:], 1<<31)
	for name, broken := range map[string][]byte{"empty": nil, "cut in its lengths": file[:100], "cut in its sounds": file[:5000], "a length beyond it": beyond} {
		if _, err := decode(broken); err == nil {
			t.Errorf("a file that is %s is read, want an error", name)
		}
	}
}

func TestFiles_stay_small(t *testing.T) {
	t.Parallel()
	names, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, name := range names {
		info, err := name.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > 3<<20 {
		t.Errorf("the program carries %d octets of prompts, want at most 3 MiB", total)
	}
}
