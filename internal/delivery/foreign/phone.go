//go:build peers

package foreign

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/voice/wav"
)

// rate is how many samples a second telephones have.
const rate = 8000

// SIPp plays a scenario once: refuse, answer, noanswer, hangup, keys or digest. Words stand in place of others in it.
func SIPp(t testing.TB, transport, scenario string, words ...string) (trunk string, p *Program) {
	t.Helper()
	file := script(t, scenario+".xml", words...)
	port, mode := FreePort(t), map[string]string{"udp": "u1", "tcp": "t1"}[transport]
	voice, err := strconv.Atoi(FreePort(t))
	if err != nil {
		t.Fatal(err)
	}
	p = run(t, "sipp",
		"-sf", file, "-i", "127.0.0.1", "-p", port, "-mi", "127.0.0.1", "-mp", strconv.Itoa(voice&^1), "-t", mode, "-m", "1", "-nostdin", "-timeout", "30s",
		"-timeout_error", "-trace_err", "-error_file", "/dev/stderr",
	)
	return "127.0.0.1:" + port + ";" + transport, p
}

// Baresip is the phone with a number, in digits, that answers at once, says what it is given, and records what it hears.
func Baresip(t testing.TB, number, codecs string, voice []int16) (port, recordings string) {
	t.Helper()
	port = FreePort(t)
	folder, recordings := t.TempDir(), t.TempDir()
	config := fmt.Sprintf(`sip_listen 127.0.0.1:%s
net_interface 127.0.0.1
call_local_timeout 60
audio_source aufile,%s/voice.wav
audio_player aubridge,nil
audio_alert aubridge,nil
rtp_ports 41000-42999
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_app account.so
module_app menu.so
snd_path %s
`, port, folder, recordings)
	files := map[string][]byte{
		"config":    []byte(config),
		"accounts":  []byte("<sip:" + number + "@127.0.0.1>;regint=0;answermode=auto;audio_codecs=" + codecs + "\n"),
		"voice.wav": wav.Encode(wav.Sound{Rate: rate, Samples: append(voice, make([]int16, 40*rate)...)}),
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "baresip", "-f", folder).Listening("127.0.0.1:" + port + ";udp")
	return port, recordings
}

// Recording is what a baresip heard in its only call, which is over. It closes the file a moment after the call.
func Recording(t testing.TB, folder string) []int16 {
	t.Helper()
	last := -1
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		found, err := filepath.Glob(filepath.Join(folder, "*dec.wav"))
		if err != nil || len(found) == 0 {
			continue
		}
		data, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(data) != last {
			last = len(data)
			continue
		}
		// What is said of its length in front is right only once it is closed.
		if at := bytes.Index(data, []byte("data")); at > 0 && len(data) > at+8 {
			binary.LittleEndian.PutUint32(data[at+4:], uint32(len(data)-at-8))
		}
		heard, err := wav.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if len(heard.Samples) > rate {
			return heard.Samples
		}
	}
	t.Fatalf("baresip made no recording in %s", folder)
	return nil
}

// Kamailio is the edge of a carrier in front of a phone: it lets those call who know the password.
func Kamailio(t testing.TB, phone, password string) (trunk string) {
	t.Helper()
	port := FreePort(t)
	file := script(t, "kamailio.cfg", "PORT", port, "PHONE", phone, "PASSWORD", password)
	trunk = "127.0.0.1:" + port
	run(t, "kamailio", "-f", file, "-DD", "-E", "-m", "16", "-M", "4").Listening(trunk + ";udp")
	return trunk
}
