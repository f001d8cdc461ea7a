package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	wire "github.com/pinpost/pinpost/api/sandbox"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/sms"
	"github.com/pinpost/pinpost/server/internal/sandboxgen"
)

// Pages and waits where the caller does not say.
const (
	defaultPage = 100
	defaultWait = 30
)

// ListCapturedMessages reads a page of the inbox, newest first.
func (d sandboxDesk) ListCapturedMessages(ctx context.Context, req sandboxgen.ListCapturedMessagesRequestObject) (sandboxgen.ListCapturedMessagesResponseObject, error) {
	p := req.Params
	filter, err := filterOf(ctx, p.To, p.PinID, p.ApplicationID, p.Channel, p.Since, p.After)
	if err != nil {
		return nil, err
	}
	if filter.Before, err = cursor("before", p.Before); err != nil {
		return nil, err
	}
	limit := int(value(p.Limit, defaultPage))
	entries, err := d.Inbox.Page(ctx, filter, limit)
	if err != nil {
		return nil, err
	}
	page, err := d.page(ctx, entries)
	if err != nil {
		return nil, err
	}
	if len(entries) == limit {
		filter.Before = entries[limit-1].Cursor
		if entries, err = d.Inbox.Page(ctx, filter, 1); len(entries) > 0 {
			page.Next = new(page.Messages[limit-1].Cursor)
		}
	}
	return sandboxgen.ListCapturedMessages200JSONResponse{TheCapturedPageJSONResponse: sandboxgen.TheCapturedPageJSONResponse(page)}, err
}

// DrainCapturedMessages removes messages and answers them.
func (d sandboxDesk) DrainCapturedMessages(ctx context.Context, req sandboxgen.DrainCapturedMessagesRequestObject) (sandboxgen.DrainCapturedMessagesResponseObject, error) {
	p := req.Params
	filter, err := filterOf(ctx, p.To, p.PinID, p.ApplicationID, p.Channel, p.Since, p.After)
	if err != nil {
		return nil, err
	}
	entries, err := d.Inbox.Drain(ctx, filter)
	if err != nil {
		return nil, err
	}
	page, err := d.page(ctx, entries)
	return sandboxgen.DrainCapturedMessages200JSONResponse{CapturedListJSONResponse: sandboxgen.CapturedListJSONResponse(page)}, err
}

// GetCapturedMessage gives one message.
func (d sandboxDesk) GetCapturedMessage(ctx context.Context, req sandboxgen.GetCapturedMessageRequestObject) (sandboxgen.GetCapturedMessageResponseObject, error) {
	entry, err := d.Inbox.Get(ctx, accountOf(ctx), req.ID)
	if err != nil {
		return nil, err
	}
	m, err := d.captured(ctx, entry)
	return sandboxgen.GetCapturedMessage200JSONResponse{OneCapturedJSONResponse: sandboxgen.OneCapturedJSONResponse(m)}, err
}

// DeleteCapturedMessage removes one message and answers it.
func (d sandboxDesk) DeleteCapturedMessage(ctx context.Context, req sandboxgen.DeleteCapturedMessageRequestObject) (sandboxgen.DeleteCapturedMessageResponseObject, error) {
	entry, err := d.Inbox.Delete(ctx, accountOf(ctx), req.ID)
	if err != nil {
		return nil, err
	}
	m, err := d.captured(ctx, entry)
	return sandboxgen.DeleteCapturedMessage200JSONResponse{OneCapturedJSONResponse: sandboxgen.OneCapturedJSONResponse(m)}, err
}

// WaitForCapturedMessage gives the next message, or says that none came in time.
func (d sandboxDesk) WaitForCapturedMessage(ctx context.Context, req sandboxgen.WaitForCapturedMessageRequestObject) (sandboxgen.WaitForCapturedMessageResponseObject, error) {
	p := req.Params
	filter, err := filterOf(ctx, p.To, p.PinID, p.ApplicationID, p.Channel, nil, p.After)
	if err != nil {
		return nil, err
	}
	if p.To == nil && p.PinID == nil && p.ApplicationID == nil && p.After == nil {
		return nil, fault.Invalidf("Say which message to wait for: to, pinId, applicationId or after")
	}
	seconds := value(p.Timeout, defaultWait)
	staying, leave := d.stay(ctx)
	defer leave()
	waiting, cancel := context.WithTimeout(staying, time.Duration(seconds)*time.Second)
	defer cancel()
	entry, err := d.Inbox.Wait(waiting, filter)
	switch {
	case err != nil && ctx.Err() == nil && staying.Err() != nil:
		return nil, context.Cause(staying)
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return nil, &fault.Error{Kind: fault.TimedOut, Text: fmt.Sprintf("No message came within %d seconds", seconds)}
	case errors.Is(err, inbox.ErrClosed):
		return nil, errStopping
	case err != nil && ctx.Err() != nil:
		return nil, hasLeft(ctx)
	case err != nil:
		return nil, err
	}
	m, err := d.captured(ctx, entry)
	return sandboxgen.WaitForCapturedMessage200JSONResponse{OneCapturedJSONResponse: sandboxgen.OneCapturedJSONResponse(m)}, err
}

// page converts entries, with what became of each.
func (d sandboxDesk) page(ctx context.Context, entries []inbox.Entry) (wire.CapturedPage, error) {
	page := wire.CapturedPage{Messages: make([]wire.CapturedMessage, len(entries))}
	for i, e := range entries {
		m, err := d.captured(ctx, e)
		if err != nil {
			return page, err
		}
		page.Messages[i] = m
	}
	return page, nil
}

// captured is the wire's form of a captured message, with what became of it.
func (d sandboxDesk) captured(ctx context.Context, e inbox.Entry) (wire.CapturedMessage, error) {
	m := ToWireCapturedMessage(e)
	deliveries, err := d.pins.Status(ctx, e.AccountID, e.PINID)
	if err != nil && !fault.Is(err, fault.NotFound) { // a PIN that was cleaned away has no status any more
		return m, err
	}
	for _, sent := range deliveries {
		if sent.ID == e.ID {
			m.History, m.Attempts = toWireHistory(sent.History), list(sent.Attempts, toWireAttempt)
		}
	}
	return m, nil
}

func toWireAttempt(a delivery.Attempt) wire.Attempt {
	return wire.Attempt{
		Carrier: a.Carrier, Outcome: a.Class.String(), Code: a.Code, At: millis(a.At), TookMs: a.Took.Milliseconds(),
	}
}

func toWireHistory(changes []delivery.Change) []wire.HistoryEntry {
	history := make([]wire.HistoryEntry, len(changes))
	for i, c := range changes {
		history[i] = wire.HistoryEntry{
			Status: wire.MessageStatus(c.State), Description: c.State.Description(), FinalStatus: c.State.Final(), At: millis(c.At),
		}
	}
	return history
}

// ToWireCapturedMessage is the wire's form of an entry of the inbox.
func ToWireCapturedMessage(e inbox.Entry) wire.CapturedMessage {
	m := wire.CapturedMessage{
		ID: e.ID, Cursor: strconv.FormatInt(e.Cursor, 10), Channel: wire.Channel(e.Channel), To: e.To.Digits(), From: e.From,
		Text: e.Text.Reveal(), Pin: e.PIN.Reveal(), PinID: e.PINID, ApplicationID: e.ApplicationID, MessageID: e.MessageID,
		At: millis(e.At), History: []wire.HistoryEntry{}, Attempts: []wire.Attempt{},
	}
	if e.Spoken != "" {
		m.Spoken = new(e.Spoken.Reveal())
	}
	if e.Encoding != "" {
		m.Encoding, m.Segments = new(wire.Encoding(e.Encoding)), new(int32(e.Segments))
		m.Parts = sms.Split(e.Text.Reveal())
	}
	if e.NCStatus != "" {
		m.NcStatus = new(wire.NcStatus(e.NCStatus))
	}
	if e.CallStatus != "" {
		m.CallStatus = new(wire.CallStatus(e.CallStatus))
	}
	return m
}

// filterOf reads what messages are wanted.
func filterOf(ctx context.Context, to, pinID, applicationID *string, channel *wire.Channel, since *int64, after *string) (inbox.Filter, error) {
	f := inbox.Filter{
		AccountID: accountOf(ctx), PINID: value(pinID, ""), ApplicationID: value(applicationID, ""),
		Channel: string(value(channel, "")),
	}
	if since != nil {
		f.Since = time.UnixMilli(*since)
	}
	if to != nil {
		number, err := phone.Parse(*to)
		if err != nil {
			faults := fault.Members{}
			faults.Addf("to", "%s", err)
			return f, faults.Err()
		}
		f.To = number
	}
	var err error
	f.After, err = cursor("after", after)
	return f, err
}

func cursor(name string, text *string) (int64, error) {
	if text == nil {
		return 0, nil
	}
	n, err := strconv.ParseInt(*text, 10, 64)
	if err != nil {
		faults := fault.Members{}
		faults.Addf(name, "must be a cursor")
		return 0, faults.Err()
	}
	return max(n, 1), nil // 0 is none to the inbox, whose first cursor lies behind 1
}

// StreamCapturedMessages sends messages as they come.
func (d sandboxDesk) StreamCapturedMessages(ctx context.Context, req sandboxgen.StreamCapturedMessagesRequestObject) (sandboxgen.StreamCapturedMessagesResponseObject, error) {
	filter, err := filterOf(ctx, req.Params.To, req.Params.PinID, nil, nil, nil, req.Params.LastEventID)
	if err != nil {
		return nil, err
	}
	if req.Params.LastEventID == nil {
		filter.After = max(d.Inbox.Last(), 1) // what came before is listed, not streamed
	}
	return eventStream{d, ctx, filter}, nil
}

// eventStream is an answer that goes on until its caller leaves, its world is closed or the server stops.
type eventStream struct {
	desk   sandboxDesk
	ctx    context.Context
	filter inbox.Filter
}

// keepAlive is the pause after which a comment shows that the connection lives.
const keepAlive = 15 * time.Second

// streamPatience is how long a reader may take for an event; one who stopped reading is let go.
const streamPatience = 30 * time.Second

// VisitStreamCapturedMessagesResponse writes the events.
func (e eventStream) VisitStreamCapturedMessagesResponse(w http.ResponseWriter) error {
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Now().Add(streamPatience)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	ctx, leave := e.desk.stay(e.ctx)
	defer leave()
	events := make(chan inbox.Entry)
	go func() {
		defer close(events)
		_ = e.desk.Inbox.Follow(ctx, e.filter, func(entry inbox.Entry) error {
			select {
			case events <- entry:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	ticker := time.NewTicker(keepAlive)
	defer ticker.Stop()
	for err := control.Flush(); err == nil; err = control.Flush() {
		select {
		case entry, open := <-events:
			if !open {
				return nil
			}
			_ = control.SetWriteDeadline(time.Now().Add(streamPatience))
			if err := e.write(w, entry); err != nil {
				return nil // the caller is gone
			}
		case <-ticker.C:
			_ = control.SetWriteDeadline(time.Now().Add(streamPatience))
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil {
				return nil
			}
		}
	}
	return nil
}

func (e eventStream) write(w http.ResponseWriter, entry inbox.Entry) error {
	m, err := e.desk.captured(e.ctx, entry)
	if err != nil {
		return err
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "id: %s\nevent: message\ndata: %s\n\n", m.Cursor, data)
	return err
}
