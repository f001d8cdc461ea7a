package pin

import (
	"bytes"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pinpost/pinpost/internal/message"
)

var pinTypes = []message.PINType{
	message.PINTypeNumeric, message.PINTypeAlpha, message.PINTypeHex, message.PINTypeAlphanumeric,
}

func TestGenerate_has_the_length_and_the_alphabet_asked_for(t *testing.T) {
	t.Parallel()
	for _, pinType := range pinTypes {
		for length := message.MinPINLength; length <= message.MaxPINLength; length++ {
			for range 50 {
				code, err := generate(cryptorand.Reader, pinType.Alphabet(), length)
				if got := code.Reveal(); err != nil || len(got) != length || strings.Trim(got, pinType.Alphabet()) != "" {
					t.Fatalf("generate = %q, %v, want %d characters of %s", got, err, length, pinType.Alphabet())
				}
			}
		}
	}
}

func TestGenerate_passes_over_bytes_that_would_favour_some_characters(t *testing.T) {
	t.Parallel()
	for pinType, fair := range map[message.PINType]int{
		message.PINTypeNumeric: 250, message.PINTypeAlpha: 234, message.PINTypeHex: 256, message.PINTypeAlphanumeric: 252,
	} {
		t.Run(string(pinType), func(t *testing.T) {
			t.Parallel()
			// Every byte once, the unfair ones first: exactly the fair ones are used, each character as often as the rest.
			var source []byte
			for b := 255; b >= 0; b-- {
				source = append(source, byte(b))
			}
			alphabet := pinType.Alphabet()
			code, err := generate(bytes.NewReader(source), alphabet, fair)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range alphabet {
				if got, want := strings.Count(code.Reveal(), string(c)), fair/len(alphabet); got != want {
					t.Errorf("%c came %d times, want %d", c, got, want)
				}
			}
			if _, err := generate(bytes.NewReader(source), alphabet, fair+1); err == nil {
				t.Error("generate made one more of the same bytes, want the source to run dry")
			}
		})
	}
}

func TestGenerate_uses_accepted_bytes_in_order(t *testing.T) {
	t.Parallel()
	source := []byte{255, 0, 254, 11, 250, 249, 253, 105, 252, 251, 9, 9, 9, 9, 9, 9}
	code, err := generate(bytes.NewReader(source), "0123456789", 4)
	if err != nil || code.Reveal() != "0195" {
		t.Errorf("generate = %q, %v, want 0195", code.Reveal(), err)
	}
}

func TestGenerate_reads_on_when_all_bytes_are_passed_over(t *testing.T) {
	t.Parallel()
	source := io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{250}, 48)), bytes.NewReader(bytes.Repeat([]byte{7}, 16)))
	code, err := generate(source, "0123456789", 2)
	if err != nil || code.Reveal() != "77" {
		t.Errorf("generate = %q, %v, want 77", code.Reveal(), err)
	}
}

func TestGenerate_fails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		source   io.Reader
		alphabet string
		length   int
		want     error
	}{
		"with its source":     {iotest.ErrReader(io.ErrClosedPipe), "0123456789", 4, io.ErrClosedPipe},
		"with too few bytes":  {bytes.NewReader(make([]byte, 15)), "0123456789", 4, io.ErrUnexpectedEOF},
		"without an alphabet": {cryptorand.Reader, "", 4, nil},
		"without a length":    {cryptorand.Reader, "0123456789", 0, nil},
		"below a length":      {cryptorand.Reader, "0123456789", -1, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, err := generate(tt.source, tt.alphabet, tt.length)
			if code != "" || err == nil || (tt.want != nil && !errors.Is(err, tt.want)) {
				t.Errorf("generate = %q, %v, want none and %v", code.Reveal(), err, tt.want)
			}
		})
	}
}

// TestGenerate_is_even draws many PINs and asks for each position, and for all together, whether the characters are
// equally likely. A fair source stays below the bound but for one run in 10^11 or so, while taking a byte modulo the
// alphabet goes over it, which the last case shows.
func TestGenerate_is_even(t *testing.T) {
	t.Parallel()
	const length, draws = 8, 60_000
	fixed := func() io.Reader { return rand.NewChaCha8([32]byte([]byte("a seed of thirty-two bytes......"))) }
	for source, from := range map[string]io.Reader{"fixed seed": nil, "crypto": cryptorand.Reader} {
		for _, pinType := range pinTypes {
			t.Run(fmt.Sprintf("%s from %s", pinType, source), func(t *testing.T) {
				t.Parallel()
				from, alphabet := from, pinType.Alphabet()
				if from == nil {
					from = fixed()
				}
				var counts [length + 1][256]int
				for range draws {
					code, err := generate(from, alphabet, length)
					if err != nil {
						t.Fatal(err)
					}
					for i, c := range []byte(code.Reveal()) {
						counts[i][c]++
						counts[length][c]++
					}
				}
				bound := chiSquareBound(len(alphabet) - 1)
				for i, count := range counts {
					if got := chiSquare(count[:], alphabet); got > bound {
						t.Errorf("position %d of %d: chi-square %.1f, want at most %.1f", i, length, got, bound)
					}
				}
			})
		}
	}
	t.Run("and this would see a bias", func(t *testing.T) {
		t.Parallel()
		for _, pinType := range []message.PINType{message.PINTypeNumeric, message.PINTypeAlpha, message.PINTypeAlphanumeric} {
			alphabet, source := pinType.Alphabet(), fixed()
			raw, count := make([]byte, length*draws), [256]int{}
			if _, err := io.ReadFull(source, raw); err != nil {
				t.Fatal(err)
			}
			for _, b := range raw {
				count[alphabet[int(b)%len(alphabet)]]++
			}
			if got, bound := chiSquare(count[:], alphabet), chiSquareBound(len(alphabet)-1); got <= bound {
				t.Errorf("%s modulo: chi-square %.1f, want more than %.1f", pinType, got, bound)
			}
		}
	})
}

// chiSquare is Pearson's measure of how far counts are from even.
func chiSquare(counts []int, alphabet string) float64 {
	total := 0
	for _, c := range alphabet {
		total += counts[c]
	}
	expected, sum := float64(total)/float64(len(alphabet)), 0.0
	for _, c := range alphabet {
		d := float64(counts[c]) - expected
		sum += d * d / expected
	}
	return sum
}

// chiSquareBound is what seven standard deviations are worth, by Wilson and Hilferty: p is about 10^-12 for one test.
func chiSquareBound(freedom int) float64 {
	k, z := float64(freedom), 7.0
	return k * math.Pow(1-2/(9*k)+z*math.Sqrt(2/(9*k)), 3)
}
