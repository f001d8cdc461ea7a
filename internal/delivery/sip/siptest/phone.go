// Package siptest has a phone that can be rung over SIP in a test. It speaks the wire by itself, with no SIP stack's
// transactions, so that it can also misbehave.
package siptest

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Script says what a phone does when it is rung. The zero value rings until it is cancelled.
type Script struct {
	Silent      bool          // it says nothing at all, to no request
	Provisional []int         // what it answers first, such as 100 and 180; default 180
	Ring        time.Duration // how long it rings before Final
	Final       int           // 0 rings until CANCEL
	Headers     []string      // of a final response, such as "Reason: Q.850;cause=17"
	Digest      *Digest       // who may call
	LateAnswer  bool          // it answers although it was cancelled
	RecordRoute []string      // proxies that it says it was rung over
	Contact     string        // a URI instead of its own
	Copies      int           // how often it sends its answer; 0 is once
	Fork        bool          // a second phone answers as well, with a tag of its own

	SDP       func(own string) string // changes the answer's SDP
	EarlySDP  bool                    // the SDP is in a 183, and not in the answer
	EventType uint8                   // of the keys it presses; default 101
	Keys      string                  // what it presses
	KeysAfter int                     // after so many packets of sound
	KeysEvery int                     // and again after each so many packets from then on; 0 does not
	Voice     []int16                 // what it says as it answers
	ByeAfter  int                     // it hangs up after so many packets of sound; 0 does not
	Reinvite  bool                    // it asks for another SDP in the middle
	Drops     bool                    // it cuts all connections after the provisional responses
}

// Phone is a SIP phone on the loopback address.
type Phone struct {
	tb       testing.TB
	script   Script
	network  string
	packets  net.PacketConn
	listener net.Listener
	running  sync.WaitGroup
	ctx      context.Context

	mu    sync.Mutex
	seen  []*sip.Request
	codes []int
	calls map[string]*ringing
	news  chan struct{}
	open  []io.Closer
}

// wire is the way back to who sent a request.
type wire func(data []byte)

// Start plugs a phone in at a free port: network is udp, tcp or tls. It is unplugged as the test ends.
func Start(tb testing.TB, network string, script Script) *Phone {
	tb.Helper()
	var config net.ListenConfig
	ctx, cancel := context.WithCancel(context.Background())
	p := &Phone{tb: tb, script: script, network: network, calls: map[string]*ringing{}, news: make(chan struct{}), ctx: ctx}
	tb.Cleanup(func() { cancel(); p.unplug() })
	if network == "udp" {
		packets, err := config.ListenPacket(ctx, "udp4", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		p.packets = packets
		p.open = append(p.open, packets)
		p.running.Go(p.readPackets)
		return p
	}
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	if network == "tls" {
		certificate, _ := Certificate()
		listener = tls.NewListener(listener, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}})
	}
	p.listener = listener
	p.open = append(p.open, listener)
	p.running.Go(p.accept)
	return p
}

// Trunk is the phone's address as host:port;transport.
func (p *Phone) Trunk() string { return p.Addr() + ";" + p.network }

// Addr is the phone's address as host:port.
func (p *Phone) Addr() string {
	if p.packets != nil {
		return p.packets.LocalAddr().String()
	}
	return p.listener.Addr().String()
}

func (p *Phone) unplug() {
	p.mu.Lock()
	for _, c := range p.open {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}

// drop cuts the connections, but goes on listening.
func (p *Phone) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		if conn, is := c.(net.Conn); is {
			_ = conn.Close()
		}
	}
}

func (p *Phone) readPackets() {
	buffer := make([]byte, 1<<16)
	for {
		n, from, err := p.packets.ReadFrom(buffer)
		if err != nil {
			return
		}
		back := func(data []byte) { _, _ = p.packets.WriteTo(data, from) }
		p.receive(append([]byte(nil), buffer[:n]...), from.String(), back)
	}
}

func (p *Phone) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.open = append(p.open, conn)
		p.mu.Unlock()
		p.running.Go(func() { p.readStream(conn) })
	}
}

// readStream cuts a connection into messages by their Content-Length.
func (p *Phone) readStream(conn net.Conn) {
	var writing sync.Mutex
	back := func(data []byte) {
		writing.Lock()
		defer writing.Unlock()
		_, _ = conn.Write(data)
	}
	reader := bufio.NewReader(conn)
	for {
		var head strings.Builder
		for !strings.HasSuffix(head.String(), "\r\n\r\n") {
			line, err := reader.ReadString('\n')
			if err != nil {
				return
			}
			head.WriteString(line)
		}
		_, lines, _ := strings.Cut(head.String(), "\r\n")
		fields, err := textproto.NewReader(bufio.NewReader(strings.NewReader(lines))).ReadMIMEHeader()
		if err != nil {
			return
		}
		size, _ := strconv.Atoi(fields.Get("Content-Length"))
		body := make([]byte, size)
		if _, err := io.ReadFull(reader, body); err != nil {
			return
		}
		p.receive(append([]byte(head.String()), body...), conn.RemoteAddr().String(), back)
	}
}

// receive takes one message.
func (p *Phone) receive(data []byte, from string, back wire) {
	message, err := sip.ParseMessage(data)
	if err != nil {
		return // an empty line that keeps the way open
	}
	if response, is := message.(*sip.Response); is {
		p.note(func() { p.codes = append(p.codes, response.StatusCode) })
		return
	}
	request := message.(*sip.Request)
	request.SetSource(from)
	p.note(func() { p.seen = append(p.seen, request) })
	if p.script.Silent {
		return
	}
	p.handle(request, back)
}

func (p *Phone) note(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.news)
	p.news = make(chan struct{})
}

// Requests are the requests of a method that came in so far.
func (p *Phone) Requests(method sip.RequestMethod) []*sip.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []*sip.Request
	for _, request := range p.seen {
		if request.Method == method {
			found = append(found, request)
		}
	}
	return found
}

// Wait waits for the first so many requests of a method, and gives the last of them.
func (p *Phone) Wait(method sip.RequestMethod, count int) *sip.Request {
	p.tb.Helper()
	for {
		p.mu.Lock()
		news := p.news
		p.mu.Unlock()
		if found := p.Requests(method); len(found) >= count {
			return found[count-1]
		}
		p.until(news, string(method))
	}
}

// WaitResponse waits for a response to a request of the phone's own, and gives its code.
func (p *Phone) WaitResponse() int {
	p.tb.Helper()
	for {
		p.mu.Lock()
		news, codes := p.news, p.codes
		p.mu.Unlock()
		if len(codes) > 0 {
			return codes[len(codes)-1]
		}
		p.until(news, "a response")
	}
}

// patience is how long a test waits for what never comes.
const patience = 20 * time.Second

func (p *Phone) until(news <-chan struct{}, what string) {
	p.tb.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-news:
	case <-timer.C:
		p.tb.Fatalf("the phone got no %s in %v", what, patience)
	}
}
