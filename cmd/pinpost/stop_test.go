package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStop wants a request that is under way when the program is told to stop to be answered, and exit status 0.
func TestStop(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	conn := beginRequest(t, p)
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	p.awaitStopping(t)
	_, err := fmt.Fprint(conn, `"stop"}`)
	must(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the request under way answers %d, want 200", resp.StatusCode)
	}
	if status := p.wait(t); status != exitOK {
		t.Errorf("exit status %d, want 0; log %s", status, p.log)
	}
}

// TestStop_while_a_fault_delays wants the program to end at once and well, whatever a fault makes a call wait for.
func TestStop_while_a_fault_delays(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	if status, answer := p.ask(t, http.MethodPost, "/sandbox/faults", `{"effect":"DELAY","delayMs":60000,"count":1}`); status != http.StatusOK {
		t.Fatalf("planning a fault answers %d %s", status, answer)
	}
	delayed := make(chan int, 1)
	go func() {
		status, _ := p.ask(t, http.MethodGet, "/2fa/1/applications", "")
		delayed <- status
	}()
	time.Sleep(200 * time.Millisecond) // the call has begun to wait
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	began := time.Now()
	if status := p.wait(t); status != exitOK || time.Since(began) > 5*time.Second {
		t.Errorf("exit status %d after %s, want 0 at once; log %s", status, time.Since(began), p.log)
	}
	if status := <-delayed; status != http.StatusServiceUnavailable {
		t.Errorf("the delayed call answers %d, want 503", status)
	}
}

// TestStop_twice wants a second signal to end the program at once, whatever is under way.
func TestStop_twice(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	beginRequest(t, p)
	must(t, p.cmd.Process.Signal(os.Interrupt))
	p.awaitStopping(t)
	again := time.Now()
	must(t, p.cmd.Process.Signal(os.Interrupt))
	p.wait(t)
	if took := time.Since(again); took > 5*time.Second {
		t.Errorf("the program ended %s after the second signal, want at once", took)
	}
	if state := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !state.Signaled() || state.Signal() != syscall.SIGINT {
		t.Errorf("the program ended with %v, want by the signal; log %s", p.cmd.ProcessState, p.log)
	}
}

// beginRequest sends a request but for the end of its body.
func beginRequest(t *testing.T, p *process) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.address, "http://"))
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "POST /2fa/1/applications HTTP/1.1\r\nHost: x\r\nAuthorization: App %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"name\":", p.key)
	must(t, err)
	time.Sleep(100 * time.Millisecond) // the handler has begun to read the body
	return conn
}

// awaitStopping waits until the process has taken a signal: it listens no more.
func (p *process) awaitStopping(t *testing.T) {
	t.Helper()
	for range 200 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.address, "http://"))
		if err != nil {
			time.Sleep(100 * time.Millisecond) // the goroutine that lets go of the signals has run
			return
		}
		_ = conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the process took no notice of the signal")
}

// ending records the deadlines that it is given.
type ending struct {
	deadlines []time.Time
	closed    bool
	err       error
}

func (e *ending) Shutdown(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	e.deadlines = append(e.deadlines, deadline)
	return e.err
}

func (e *ending) Close() error { e.closed = true; return nil }

type house struct{ *ending }

func (h house) Close(ctx context.Context) error { return h.Shutdown(ctx) }

// TestFinish wants one deadline over everything, and the rest closed even when requests do not end.
func TestFinish(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]error{"in time": nil, "too late": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests, rest := &ending{err: fault}, &ending{}
			before := time.Now()
			if err := finish(requests, house{rest}); !errors.Is(err, fault) || requests.closed != (fault != nil) {
				t.Errorf("finish = %v with connections cut: %t, want %v", err, requests.closed, fault)
			}
			deadlines := append(requests.deadlines, rest.deadlines...)
			if len(deadlines) != 2 || !deadlines[0].Equal(deadlines[1]) || deadlines[0].Sub(before) > stopTime+time.Second {
				t.Errorf("deadlines %v, want the same for requests and the rest, within %s", deadlines, stopTime)
			}
		})
	}
}
