package media

import "testing"

// segment is a stretch of the tables in ITU-T G.711: where its decision values begin and end, and how far they are apart.
type segment struct{ begin, end, step int }

var (
	// Table 2a, in steps of 14-bit samples.
	uSegments = []segment{
		{1, 31, 2},
		{31, 95, 4},
		{95, 223, 8},
		{223, 479, 16},
		{479, 991, 32},
		{991, 2015, 64},
		{2015, 4063, 128},
		{4063, 8159, 256},
	}
	// Table 1a, in steps of 13-bit samples.
	aSegments = []segment{
		{0, 64, 2}, {64, 128, 4}, {128, 256, 8}, {256, 512, 16}, {512, 1024, 32}, {1024, 2048, 64}, {2048, 4096, 128},
	}
)

func TestULaw_is_the_table_of_the_ITU(t *testing.T) {
	t.Parallel()
	code := byte(0xff) // plus nothing
	check(t, ULaw, 0, 0, code)
	for _, s := range uSegments {
		for at := s.begin; at < s.end; at += s.step {
			code--
			check(t, ULaw, at*4, (at+s.step/2)*4, code)
		}
	}
	if code != 0x80 {
		t.Errorf("the last positive code is %#x, want 0x80", code)
	}
}

func TestALaw_is_the_table_of_the_ITU(t *testing.T) {
	t.Parallel()
	step := byte(0)
	for _, s := range aSegments {
		for at := s.begin; at < s.end; at += s.step {
			check(t, ALaw, at*8, (at+s.step/2)*8, (0x80|step)^0x55)
			step++
		}
	}
	if step != 128 {
		t.Errorf("%d positive codes, want 128", step)
	}
}

// check holds a law against one line of its table: from where on a sample has the code, and what the code is read as. The
// negative half of both tables mirrors the positive one.
func check(t *testing.T, law Law, from, value int, code byte) {
	t.Helper()
	for sample, want := range map[int]byte{from: code, ^from: code & 0x7f} {
		if got := law.Encode(nil, []int16{int16(sample)})[0]; got != want {
			t.Errorf("%s of %d = %#x, want %#x", law.Name(), sample, got, want)
		}
	}
	for octet, want := range map[byte]int{code: value, code & 0x7f: -value} {
		if got := law.Decode(nil, []byte{octet})[0]; int(got) != want {
			t.Errorf("%s %#x is %d, want %d", law.Name(), octet, got, want)
		}
	}
}

func TestLaw_repeats_every_code(t *testing.T) {
	t.Parallel()
	for _, law := range []Law{ULaw, ALaw} {
		for code := range 256 {
			sample := law.Decode(nil, []byte{byte(code)})
			got := law.Encode(nil, sample)[0]
			if minusNothing := law == ULaw && code == 0x7f; got != byte(code) && !minusNothing {
				t.Errorf("%s %#x came back as %#x", law.Name(), code, got)
			}
		}
	}
}

func TestLaw_takes_the_loudest(t *testing.T) {
	t.Parallel()
	for law, want := range map[Law][2]byte{ULaw: {0x80, 0x00}, ALaw: {0xaa, 0x2a}} {
		if got := law.Encode(nil, []int16{32767, -32768}); [2]byte(got) != want {
			t.Errorf("%s = %#x, want %#x", law.Name(), got, want)
		}
	}
}
