package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// maxListeners is how many may look at the page at once.
const maxListeners = 32

const (
	pace     = 100 * time.Millisecond // between two events: what comes meanwhile goes into one
	beat     = 15 * time.Second       // after which a comment shows that the connection lives
	patience = 30 * time.Second       // for a reader; one who stopped reading is let go
)

// wake tells listeners that there is news. Nothing is queued for them: each takes all that is new to it when it is ready, so that a
// slow one misses the middle of a crowd and nobody waits. The lock is held.
func (p *Page) wake() {
	for listener := range p.listeners {
		select {
		case listener <- struct{}{}:
		default: // it is told already
		}
	}
}

// listen registers a listener, for which there is news at once. There is none when too many listen or the proxy has stopped.
func (p *Page) listen() (chan struct{}, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.listeners) == maxListeners || p.seen.totals.Ended {
		return nil, false
	}
	news := make(chan struct{}, 1)
	news <- struct{}{}
	p.listeners[news] = true
	return news, true
}

func (p *Page) leave(news chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.listeners, news)
}

// serveEvents sends a snapshot, then updates, and at last the end.
func (p *Page) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	news, welcome := p.listen()
	if !welcome {
		http.Error(w, "Too many listen, or the proxy has stopped.", http.StatusServiceUnavailable)
		return
	}
	defer p.leave(news)
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	control := http.NewResponseController(w)
	ticker := time.NewTicker(p.beat)
	defer ticker.Stop()
	name, place, ended := "snapshot", int64(0), false
	for {
		text := ": still here\n\n"
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		case <-news:
			latest := p.since(place)
			data, err := json.Marshal(latest)
			if err != nil {
				return
			}
			text = fmt.Sprintf("event: %s\ndata: %s\n\n", name, data)
			name, place, ended = "update", latest.Totals.Exchanges, latest.Totals.Ended
		}
		if ended {
			text += "event: end\ndata: {}\n\n"
		}
		_ = control.SetWriteDeadline(time.Now().Add(p.patience))
		if _, err := w.Write([]byte(text)); err != nil || control.Flush() != nil || ended {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(p.pace):
		}
	}
}
