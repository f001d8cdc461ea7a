//go:build peers

package sip

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	siplib "github.com/emiago/sipgo/sip"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/sip/media"
	"github.com/pinpost/pinpost/internal/delivery/sip/siptest"
)

// TestMain runs the tests where there is no network but the loopback: phones tell each other every address that they find.
// Without such a place it makes one, for which it has to be root.
func TestMain(m *testing.M) {
	if alone() {
		os.Exit(m.Run())
	}
	script := append([]string{"-n", "sh", "-c", `ip link set lo up && exec "$0" "$@"`, os.Args[0]}, os.Args[1:]...)
	cmd := exec.CommandContext(context.Background(), "unshare", script...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "tests in a network of their own:", err)
		os.Exit(1)
	}
}

func alone() bool {
	all, err := net.Interfaces()
	return err == nil && len(all) == 1 && all[0].Flags&net.FlagLoopback != 0
}

// free is a port that nobody uses now.
func free(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	return port
}

// peer is a program that a test talks to.
type peer struct {
	cmd    *exec.Cmd
	output *locked
	ended  chan error
}

type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// run starts a program, and ends it with the test.
func run(t *testing.T, name string, args ...string) *peer {
	t.Helper()
	p := &peer{cmd: exec.Command(name, args...), output: &locked{}, ended: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = p.output, p.output, t.TempDir()
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("%s is needed for this test: %v", name, err)
	}
	over := make(chan struct{})
	go func() { p.ended <- p.cmd.Wait(); close(over) }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(os.Interrupt)
		select {
		case <-over:
		case <-time.After(3 * time.Second):
			_ = p.cmd.Process.Kill()
			<-over
		}
		if t.Failed() {
			t.Logf("%s:\n%s", name, p.output)
		}
	})
	return p
}

// filled is a file of testdata with what the test knows put in for the words in it.
func filled(t *testing.T, name string, words ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(strings.NewReplacer(words...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// sipp plays a scenario of testdata, once.
func sipp(t *testing.T, transport, scenario string, words ...string) (trunk string, p *peer) {
	t.Helper()
	file := filled(t, scenario+".xml", words...)
	port, mode := free(t), map[string]string{"udp": "u1", "tcp": "t1"}[transport]
	voice, err := strconv.Atoi(free(t))
	if err != nil {
		t.Fatal(err)
	}
	p = run(t, "sipp",
		"-sf", file, "-i", "127.0.0.1", "-p", port, "-mi", "127.0.0.1", "-mp", strconv.Itoa(voice&^1), "-t", mode, "-m", "1", "-nostdin", "-timeout", "30s",
		"-timeout_error", "-trace_err", "-error_file", "/dev/stderr",
	)
	return "127.0.0.1:" + port + ";" + transport, p
}

// patient is a carrier that gives foreign phones the time they take.
func patient(t *testing.T, config Config, voice Voice) *Carrier {
	t.Helper()
	config.Max, config.Ring = 20*time.Second, 10*time.Second
	return startWith(t, config, Deps{Voice: voice})
}

// listening waits until a port is bound, by binding it in vain.
func listening(t *testing.T, trunk string, p *peer) {
	t.Helper()
	at, transport, _ := strings.Cut(trunk, ";")
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if transport == "tcp" {
			if l, err := net.Listen("tcp4", at); err != nil {
				return
			} else {
				l.Close()
			}
			continue
		}
		c, err := net.ListenPacket("udp4", at)
		if err != nil {
			return
		}
		c.Close()
	}
	t.Fatalf("nobody listens at %s:\n%s", trunk, p.output)
}

func (p *peer) content(t *testing.T) {
	t.Helper()
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("sipp is not content: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("sipp waits for more")
	}
}

func TestPeers_sipp_refuses(t *testing.T) {
	t.Parallel()
	tests := map[int]struct {
		status    delivery.CallStatus
		elsewhere bool
	}{
		486: {delivery.CallUserBusy, false},
		603: {delivery.CallUserBusy, false},
		404: {delivery.CallNetworkNotAvailable, false},
		480: {delivery.CallNoAnswer, false},
		503: {delivery.CallRouteNotAvailable, true},
		403: {delivery.CallRouteNotAvailable, true},
		402: {delivery.CallNotEnoughCredits, true},
	}
	for code, test := range tests {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			trunk, p := sipp(t, "udp", "refuse", "CODE", strconv.Itoa(code))
			listening(t, trunk, p)
			end, err := ring(t, patient(t, quiet(trunk), tone(time.Second)), order())
			if test.elsewhere {
				classOf(t, err)
				end.Status = delivery.CallStatusOf(err)
			} else if err != nil {
				t.Fatal(err)
			}
			if end.Status != test.status {
				t.Errorf("status = %s, want %s", end.Status, test.status)
			}
			p.content(t)
		})
	}
}

// quiet are settings without a ping, which sipp would take for its call.
func quiet(trunk string) Config {
	config := hasty(trunk)
	config.Ping = -1
	return config
}

func TestPeers_sipp_rings_and_nobody_answers(t *testing.T) {
	t.Parallel()
	trunk, p := sipp(t, "udp", "noanswer")
	listening(t, trunk, p)
	o := order()
	o.Ring = time.Second
	if end := must(t, startWith(t, quiet(trunk), Deps{Voice: tone(time.Second)}), o); end.Status != delivery.CallNoAnswer {
		t.Errorf("end = %+v, want ERROR_NO_ANSWER", end)
	}
	p.content(t)
}

func TestPeers_sipp_answers(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			trunk, p := sipp(t, transport, "answer")
			listening(t, trunk, p)
			if end := must(t, patient(t, quiet(trunk), tone(300*time.Millisecond)), order()); end.Status != delivery.CallProcessed || end.Plays != 2 {
				t.Errorf("end = %+v, want PROCESSED and 2 plays", end)
			}
			p.content(t)
		})
	}
}

func TestPeers_sipp_hangs_up(t *testing.T) {
	t.Parallel()
	trunk, p := sipp(t, "udp", "hangup")
	listening(t, trunk, p)
	if end := must(t, patient(t, quiet(trunk), tone(time.Minute)), order()); end.Status != delivery.CallProcessed || end.Plays != 0 {
		t.Errorf("end = %+v, want PROCESSED with no play", end)
	}
	p.content(t)
}

func TestPeers_sipp_presses_a_key(t *testing.T) {
	t.Parallel()
	trunk, p := sipp(t, "udp", "keys")
	listening(t, trunk, p)
	config := quiet(trunk)
	config.KeyType, config.KeyWait, config.Repeats = 96, 4*time.Second, 1
	o := order()
	o.RepeatKeys = "1"
	if end := must(t, patient(t, config, tone(100*time.Millisecond)), o); end.Plays != 2 {
		t.Errorf("end = %+v, want 2 plays", end)
	}
	p.content(t)
}

func TestPeers_sipp_asks_for_a_password(t *testing.T) {
	t.Parallel()
	for password, class := range map[Secret]delivery.Class{"secret": -1, "wrong": delivery.Rejected} {
		t.Run(password.Reveal(), func(t *testing.T) {
			t.Parallel()
			trunk, p := sipp(t, "udp", "digest")
			listening(t, trunk, p)
			config := quiet(trunk)
			config.Password = password
			end, err := ring(t, patient(t, config, tone(100*time.Millisecond)), order())
			if class < 0 {
				if err != nil || end.Status != delivery.CallProcessed {
					t.Errorf("end = %+v, %v, want PROCESSED", end, err)
				}
			} else if got := classOf(t, err); got != class {
				t.Errorf("Dial = %v, want class %d", err, class)
			}
			p.content(t)
		})
	}
}

// baresip is a phone that answers at once, says what it is given, and records what it hears.
func baresip(t *testing.T, codecs string, voice []int16) (port, recordings string) {
	t.Helper()
	port = free(t)
	folder, recordings := t.TempDir(), t.TempDir()
	modules := "/usr/lib/baresip/modules"
	config := fmt.Sprintf(`sip_listen 127.0.0.1:%s
net_interface 127.0.0.1
call_local_timeout 60
audio_source aufile,%s/voice.wav
audio_player aubridge,nil
audio_alert aubridge,nil
rtp_ports 41000-42999
module_path %s
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_app account.so
module_app menu.so
snd_path %s
`, port, folder, modules, recordings)
	files := map[string][]byte{
		"config":    []byte(config),
		"accounts":  []byte("<sip:385911234567@127.0.0.1>;regint=0;answermode=auto;audio_codecs=" + codecs + "\n"),
		"voice.wav": wav(append(voice, make([]int16, 20*media.Rate)...)),
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := run(t, "baresip", "-f", folder)
	listening(t, "127.0.0.1:"+port+";udp", p)
	return port, recordings
}

func wav(pcm []int16) []byte {
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, part := range []any{uint32(36 + 2*len(pcm)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(media.Rate), uint32(2 * media.Rate), uint16(2), uint16(16), []byte("data"), uint32(2 * len(pcm)), pcm} {
		_ = binary.Write(&b, binary.LittleEndian, part)
	}
	return b.Bytes()
}

// recording is what baresip heard.
func recording(t *testing.T, folder string) []int16 {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		found, err := filepath.Glob(filepath.Join(folder, "*dec.wav"))
		if err != nil || len(found) == 0 {
			continue
		}
		data, err := os.ReadFile(found[0])
		if err != nil || len(data) < 60000 {
			continue
		}
		_, sound, _ := bytes.Cut(data, []byte("data"))
		pcm := make([]int16, (len(sound)-4)/2)
		_ = binary.Read(bytes.NewReader(sound[4:]), binary.LittleEndian, pcm)
		return pcm
	}
	t.Fatalf("baresip made no recording in %s", folder)
	return nil
}

// chirp is a sound that is like itself at one place only.
type chirp struct{}

func (chirp) Render(context.Context, delivery.Prompt) ([]int16, error) {
	pcm := make([]int16, 2*media.Rate)
	for i := range pcm {
		at := float64(i) / media.Rate
		pcm[i] = int16(9000 * math.Sin(2*math.Pi*(300+500*at)*at))
	}
	return pcm, nil
}

// likeness is the best correlation of a piece of want with what was heard, 1 being the same.
func likeness(heard, want []int16) (best float64) {
	piece := want[media.Rate/2 : media.Rate]
	for at := 0; at+len(piece) <= len(heard); at++ {
		var product, a, b float64
		for i := 0; i < len(piece); i += 3 {
			x, y := float64(heard[at+i]), float64(piece[i])
			product, a, b = product+x*y, a+x*x, b+y*y
		}
		if a > 0 {
			best = max(best, product/math.Sqrt(a*b))
		}
	}
	return best
}

func TestPeers_baresip_hears_the_message(t *testing.T) {
	t.Parallel()
	for _, codec := range []string{"PCMA", "PCMU"} {
		t.Run(codec, func(t *testing.T) {
			t.Parallel()
			port, recordings := baresip(t, codec, nil)
			end := must(t, patient(t, hasty("127.0.0.1:"+port), chirp{}), order())
			if end.Status != delivery.CallProcessed || end.Plays != 2 {
				t.Errorf("end = %+v, want PROCESSED and 2 plays", end)
			}
			hears(t, recordings)
		})
	}
}

func hears(t *testing.T, recordings string) {
	t.Helper()
	want, _ := chirp{}.Render(t.Context(), delivery.Prompt{})
	if got := likeness(recording(t, recordings), want); got < 0.95 {
		t.Errorf("the recording is like the message by %.2f, want 0.95 or more", got)
	}
}

func TestPeers_baresip_plays_a_greeting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		voice  tone
		status delivery.CallStatus
	}{"of a human": {tone(600 * time.Millisecond), delivery.CallProcessed}, "of a machine": {tone(4 * time.Second), delivery.CallAnsweredMachine}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			greeting, _ := test.voice.Render(t.Context(), delivery.Prompt{})
			port, _ := baresip(t, "PCMA", greeting)
			config := hasty("127.0.0.1:" + port)
			config.Machine = MachineHangup
			if end := must(t, patient(t, config, tone(time.Second)), order()); end.Status != test.status {
				t.Errorf("end = %+v, want %s", end, test.status)
			}
		})
	}
}

// kamailio is the edge of a carrier in front of a phone.
func kamailio(t *testing.T, phone string) (trunk string) {
	t.Helper()
	port := free(t)
	file := filled(t, "kamailio.cfg", "PORT", port, "PHONE", phone)
	p := run(t, "kamailio", "-f", file, "-DD", "-E", "-m", "16", "-M", "4")
	trunk = "127.0.0.1:" + port
	listening(t, trunk+";udp", p)
	return trunk
}

func TestPeers_kamailio_before_baresip(t *testing.T) {
	t.Parallel()
	port, recordings := baresip(t, "PCMA", nil)
	config := hasty(kamailio(t, port))
	config.Password = "secret"
	c := patient(t, config, chirp{})
	end := must(t, c, order())
	if end.Status != delivery.CallProcessed || end.Plays != 2 {
		t.Errorf("end = %+v, want PROCESSED and 2 plays", end)
	}
	hears(t, recordings)
	for deadline := time.Now().Add(5 * time.Second); !c.Health().Up; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("health = %+v, want up", c.Health())
		}
	}
}

func TestPeers_kamailio_refuses_a_wrong_password(t *testing.T) {
	t.Parallel()
	config := hasty(kamailio(t, free(t)))
	config.Password = "wrong"
	_, err := patient(t, config, tone(time.Second)).Dial(t.Context(), order())
	if got := classOf(t, err); got != delivery.Unauthorised {
		t.Errorf("Dial = %v, want Unauthorised", err)
	}
}

// TestPeers_200_calls_at_once is the promise that packets keep their time under load. It needs no foreign peer, but a
// machine that has nothing else to do.
func TestPeers_200_calls_at_once(t *testing.T) {
	const calls = 200
	p := siptest.Start(t, "udp", siptest.Script{Final: 200})
	config := hasty(p.Trunk())
	config.MaxCalls, config.Repeats, config.NoResponse = calls, 1, 10*time.Second
	c := startWith(t, config, Deps{Voice: tone(4 * time.Second)})
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			if end := must(t, c, order()); end.Status != delivery.CallProcessed || end.Plays != 1 {
				t.Errorf("end = %+v, want PROCESSED and 1 play", end)
			}
		})
	}
	all.Wait()
	p.Wait(siplib.BYE, calls)
	spaces := p.Spaces()
	slices.Sort(spaces)
	at := func(share float64) time.Duration { return spaces[int(share*float64(len(spaces)-1))] }
	t.Logf("%d packets of %d calls: spacing median %v, 5 to 95 of 100 %v to %v, longest %v", len(spaces), calls, at(0.5), at(0.05), at(0.95), at(1))
	if median := at(0.5); median < 15*time.Millisecond || median > 25*time.Millisecond {
		t.Errorf("median spacing %v, want 20 ms and no more than 5 beside it", median)
	}
	if len(spaces) < calls*190 {
		t.Errorf("%d packets, want at least %d", len(spaces), calls*190)
	}
}
