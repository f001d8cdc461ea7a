package voice_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/voice/sound"
	"github.com/pinpost/pinpost/internal/voice/wav"
)

// speech is the first argument of this test program when it plays the speech program.
const speech = "speech-program"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == speech {
		// Not os.Exit: with the race detector, that takes a second.
		syscall.Exit(speak(os.Args[2], os.Args[3:]))
	}
	os.Exit(m.Run())
}

// speak is a speech program that does as it is told.
func speak(how string, args []string) int {
	text, _ := io.ReadAll(os.Stdin)
	switch how {
	case "hang":
		time.Sleep(time.Hour)
	case "flood":
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<16)); err != nil {
				return 1
			}
		}
	case "junk":
		_, _ = fmt.Print("no sound at all")
		return 0
	case "silence":
		_, _ = os.Stdout.Write(wav.Encode(wav.Sound{Rate: 22050, Samples: make([]int16, 22050)}))
		return 0
	case "fail":
		_, _ = fmt.Fprintln(os.Stderr, "no such voice")
		return 3
	case "look":
		if os.Getenv("PINPOST_TEST_SECRET") != "" || os.Getenv("PATH") == "" {
			return 4
		}
	case "note":
		file, err := os.OpenFile(args[0], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return 5
		}
		_, _ = fmt.Fprintf(file, "%s|%s\n", strings.Join(args[1:], " "), text)
		_ = file.Close()
	}
	_, _ = os.Stdout.Write(wav.Encode(wav.Sound{Rate: 22050, Samples: tone(len(text), 22050)}))
	return 0
}

// tone is a tenth of a second for each octet of a text.
func tone(octets, rate int) []int16 {
	pcm := make([]int16, octets*rate/10)
	for i := range pcm {
		pcm[i] = int16(8000 * (i / (rate / 400) % 2))
	}
	return pcm
}

// spoken is what a phrase of so many octets comes to at the rate of a telephone.
func spoken(octets int) int { return octets * sound.Rate / 10 }
