package siptest

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// ringing is one call to a phone.
type ringing struct {
	phone  *Phone
	invite *sip.Request
	back   wire
	tag    string
	sound  *sound

	cancelled chan struct{}
	confirmed chan struct{}
	once      struct{ cancel, confirm sync.Once }

	mu   sync.Mutex
	last []byte // the response to repeat
}

// handle does what a request asks for.
func (p *Phone) handle(request *sip.Request, back wire) {
	switch request.Method {
	case sip.INVITE:
		p.ring(request, back)
	case sip.OPTIONS:
		p.respond(request, back, sip.StatusOK)
	case sip.CANCEL:
		p.respond(request, back, sip.StatusOK)
		if k := p.call(request); k != nil {
			k.once.cancel.Do(func() { close(k.cancelled) })
		}
	case sip.ACK:
		if k := p.call(request); k != nil {
			k.once.confirm.Do(func() { close(k.confirmed) })
		}
	case sip.BYE:
		if d := p.script.Digest; d != nil && d.Bye {
			if challenge := d.check(request); challenge != nil {
				back([]byte(challenge.String()))
				return
			}
		}
		p.respond(request, back, sip.StatusOK)
	default:
		p.respond(request, back, sip.StatusMethodNotAllowed)
	}
}

func (p *Phone) call(request *sip.Request) *ringing {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[request.CallID().Value()]
}

// ring begins a call, or repeats the last response when it was begun already.
func (p *Phone) ring(request *sip.Request, back wire) {
	if known := p.call(request); known != nil && known.invite.CSeq().SeqNo == request.CSeq().SeqNo {
		known.mu.Lock()
		defer known.mu.Unlock()
		back(known.last)
		return
	}
	if p.script.Digest != nil {
		if challenge := p.script.Digest.check(request); challenge != nil {
			back([]byte(challenge.String()))
			return
		}
	}
	s := p.newSound()
	if s == nil {
		return
	}
	k := &ringing{
		phone: p, invite: request, back: back, tag: sip.GenerateTagN(8), sound: s,
		cancelled: make(chan struct{}), confirmed: make(chan struct{}),
	}
	p.note(func() { p.calls[request.CallID().Value()] = k })
	p.running.Go(k.play)
}

// play follows the script.
func (k *ringing) play() {
	s := &k.phone.script
	provisional := s.Provisional
	if provisional == nil {
		provisional = []int{sip.StatusRinging}
	}
	for _, code := range provisional {
		body := ""
		if code == sip.StatusSessionInProgress && s.EarlySDP {
			body = k.sdp()
		}
		k.send(code, k.tag, body)
	}
	if s.Drops {
		k.phone.drop()
	}
	var ring <-chan time.Time
	if s.Final > 0 {
		ring = time.After(s.Ring)
	}
	select {
	case <-ring:
		k.final(s.Final)
	case <-k.cancelled:
		if s.LateAnswer {
			k.final(sip.StatusOK)
			return
		}
		k.send(sip.StatusRequestTerminated, k.tag, "")
	case <-k.phone.ctx.Done():
	}
}

func (k *ringing) final(code int) {
	s := &k.phone.script
	if code != sip.StatusOK {
		k.send(code, k.tag, "", s.Headers...)
		k.confirm()
		return
	}
	body := k.sdp()
	if s.EarlySDP {
		body = ""
	}
	contact := s.Contact
	if contact == "" {
		contact = "sip:phone@" + k.phone.Addr() + ";transport=" + k.phone.network
	}
	headers := append([]string{"Contact: <" + contact + ">"}, s.Headers...)
	for range max(s.Copies, 1) {
		k.send(code, k.tag, body, headers...)
	}
	if s.Fork {
		k.send(code, k.tag+"2", body, headers...)
	}
	if k.confirm() {
		k.talk()
	}
}

// confirm repeats the last response until it is confirmed: datagrams get lost.
func (k *ringing) confirm() bool {
	for wait := 500 * time.Millisecond; ; wait *= 2 {
		timer := time.NewTimer(wait)
		select {
		case <-k.confirmed:
			timer.Stop()
			return true
		case <-k.phone.ctx.Done():
			timer.Stop()
			return false
		case <-timer.C:
			k.mu.Lock()
			k.back(k.last)
			k.mu.Unlock()
		}
	}
}

// send sends a response with a tag of ours.
func (k *ringing) send(code int, tag, body string, headers ...string) {
	response := sip.NewResponseFromRequest(k.invite, code, strconv.Itoa(code), []byte(body))
	response.To().Params.Remove("tag")
	if code != sip.StatusTrying {
		response.To().Params.Add("tag", tag)
	}
	for _, proxy := range k.phone.script.RecordRoute {
		response.AppendHeader(sip.NewHeader("Record-Route", proxy))
	}
	if body != "" {
		response.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		response.AppendHeader(sip.NewHeader(name, value))
	}
	data := []byte(response.String())
	k.mu.Lock()
	k.last = data
	k.mu.Unlock()
	k.back(data)
}

// ask sends a request within the call.
func (k *ringing) ask(method sip.RequestMethod, sequence int) {
	from, to := k.invite.To(), k.invite.From()
	k.back(fmt.Appendf(nil, "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=%s\r\nFrom: %s;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
		method, k.invite.Contact().Address.String(), strings.ToUpper(k.phone.network), k.phone.Addr(), sip.GenerateBranch(),
		from.Value(), k.tag, to.Value(), k.invite.CallID().Value(), sequence, method))
}

func (k *ringing) sdp() string {
	port := k.sound.conn.LocalAddr().(*net.UDPAddr).Port
	own := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n", port)
	if k.phone.script.SDP != nil {
		return k.phone.script.SDP(own)
	}
	return own
}

func (p *Phone) respond(request *sip.Request, back wire, code int) {
	back([]byte(sip.NewResponseFromRequest(request, code, strconv.Itoa(code), nil).String()))
}
