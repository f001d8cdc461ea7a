package wav_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/voice/wav"
)

// file puts chunks into a RIFF file.
func file(chunks ...string) []byte {
	return []byte("RIFF\x00\x00\x00\x00WAVE" + strings.Join(chunks, ""))
}

func chunk(name, body string) string {
	text := name + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body
	if len(body)%2 == 1 {
		text += "\x00"
	}
	return text
}

func form(kind, channels uint16, rate uint32, bits uint16, more string) string {
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = append(b, make([]byte, 6)...)
	return chunk("fmt ", string(binary.LittleEndian.AppendUint16(b, bits))+more)
}

func TestDecode(t *testing.T) {
	t.Parallel()
	data := chunk("data", "\x01\x00\xff\xff\x03\x00\x04\x00")
	tests := map[string]struct {
		file    []byte
		rate    int
		samples []int16
		fault   string
	}{
		"one channel":                       {file(form(1, 1, 22050, 16, ""), data), 22050, []int16{1, -1, 3, 4}, ""},
		"two channels are their mean":       {file(form(1, 2, 8000, 16, ""), data), 8000, []int16{0, 3}, ""},
		"other chunks before":               {file(chunk("LIST", "odd"), form(1, 1, 8000, 16, ""), chunk("fact", "1234"), data), 8000, []int16{1, -1, 3, 4}, ""},
		"a longer format":                   {file(form(0xFFFE, 1, 8000, 16, "\x16\x00\x10\x00\x00\x00\x00\x00\x01\x00"+strings.Repeat("\x00", 14)), data), 8000, []int16{1, -1, 3, 4}, ""},
		"a size that was not known":         {file(form(1, 1, 8000, 16, ""), "data\x00\xf0\xff\x7f\x01\x00\x02\x00\x03"), 8000, []int16{1, 2}, ""},
		"no samples in the data":            {file(form(1, 1, 8000, 16, ""), chunk("data", "")), 8000, []int16{}, ""},
		"nothing":                           {nil, 0, nil, "is no RIFF WAVE file"},
		"another kind of file":              {[]byte("OggS and more of it"), 0, nil, "is no RIFF WAVE file"},
		"no data":                           {file(form(1, 1, 8000, 16, "")), 0, nil, "has no samples"},
		"no format":                         {file(data), 0, nil, "has no format before its samples"},
		"a short format":                    {file(chunk("fmt ", "1234")), 0, nil, "format of 4 octets"},
		"samples that are compressed":       {file(form(7, 1, 8000, 8, ""), data), 0, nil, "kind 7 with 8 bits"},
		"samples of another size":           {file(form(1, 1, 8000, 24, ""), data), 0, nil, "24 bits"},
		"no channel":                        {file(form(1, 0, 8000, 16, ""), data), 0, nil, "0 channels"},
		"more channels than anyone has":     {file(form(1, 9, 8000, 16, ""), data), 0, nil, "9 channels"},
		"a rate that would take all memory": {file(form(1, 1, 1, 16, ""), data), 0, nil, "1 samples a second"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wav.Decode(tt.file)
			if tt.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("Decode = %v, want %q", err, tt.fault)
				}
				return
			}
			if err != nil || got.Rate != tt.rate || !slices.Equal(got.Samples, tt.samples) {
				t.Errorf("Decode = %+v, %v, want %d samples a second: %v", got, err, tt.rate, tt.samples)
			}
		})
	}
}

func TestEncode_writes_what_Decode_reads(t *testing.T) {
	t.Parallel()
	want := wav.Sound{Rate: 8000, Samples: []int16{0, 1, -1, 32767, -32768}}
	written := wav.Encode(want)
	if size := binary.LittleEndian.Uint32(written[4:]); int(size) != len(written)-8 {
		t.Errorf("the file says it has %d octets after its size, want %d", size, len(written)-8)
	}
	got, err := wav.Decode(written)
	if err != nil || got.Rate != want.Rate || !slices.Equal(got.Samples, want.Samples) {
		t.Errorf("Decode = %+v, %v, want %+v", got, err, want)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(wav.Encode(wav.Sound{Rate: 22050, Samples: []int16{1, 2, 3}}))
	f.Add(file(form(0xFFFE, 2, 48000, 16, strings.Repeat("\x01\x00", 12)), chunk("LIST", "odd"), chunk("data", "12345")))
	f.Add(file(form(1, 1, 8000, 16, ""), "data\xff\xff\xff\xff12"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := wav.Decode(file)
		if err != nil {
			return
		}
		if got.Rate < 4000 || got.Rate > 192000 || len(got.Samples) > len(file)/2 {
			t.Fatalf("Decode = %d samples of %d a second out of %d octets", len(got.Samples), got.Rate, len(file))
		}
		again, err := wav.Decode(wav.Encode(got))
		if err != nil || again.Rate != got.Rate || !slices.Equal(again.Samples, got.Samples) {
			t.Errorf("what Encode writes is read as %d samples of %d a second, %v", len(again.Samples), again.Rate, err)
		}
	})
}
