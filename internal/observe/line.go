package observe

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
)

// Line writes a line without looking up who calls, as a Logger does each time; that is a third of what a line costs.
func Line(ctx context.Context, log *slog.Logger, at time.Time, level slog.Level, message string, attrs ...slog.Attr) {
	handler := log.Handler()
	if !handler.Enabled(ctx, level) {
		return
	}
	line := slog.NewRecord(at, level, message, 0)
	line.AddAttrs(attrs...)
	_ = handler.Handle(ctx, line) // as a Logger does with it
}

// plainLines writes lines in which there is nothing to mask or to escape, as slog's JSON handler does at several times the
// price. The two write to the same writer, which must take writes at the same time.
type plainLines struct{ to io.Writer }

// rooms are buffers for lines; lineSize is what most need.
var rooms = sync.Pool{New: func() any { return new(make([]byte, 0, lineSize)) }}

const lineSize = 512

// write is false where it leaves the line to slog.
func (p *plainLines) write(r *slog.Record, of *Request) (done bool, err error) {
	room := rooms.Get().(*[]byte)
	defer rooms.Put(room)
	l := plainLine{(*room)[:0], true}
	l.record(r, of)
	*room = l.text[:0]
	if !l.plain {
		return false, nil
	}
	_, err = p.to.Write(l.text)
	return true, err
}

// plainLine is a line that is being written. It is good for nothing once it is no longer plain.
type plainLine struct {
	text  []byte
	plain bool
}

// yearTenThousand is from when on RFC 3339 has no form for a time.
var yearTenThousand = time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()

func (l *plainLine) record(r *slog.Record, of *Request) {
	seconds := r.Time.Unix()
	l.plain = seconds >= 0 && seconds < yearTenThousand && harmless(r.Message)
	l.text = append(l.text, `{"time":"`...)
	l.text = r.Time.UTC().AppendFormat(l.text, time.RFC3339Nano)
	l.text = append(l.text, `","level":"`...)
	l.text = append(l.text, r.Level.String()...)
	l.text = append(l.text, `","msg":`...)
	l.quoted(r.Message)
	for a := range r.Attrs {
		if l.attr(a); !l.plain {
			return
		}
	}
	if of != nil && of.ID != "" {
		l.name("request_id")
		l.quoted(of.ID)
	}
	if of != nil && of.Operation != "" {
		l.name("operation")
		l.quoted(of.Operation)
	}
	l.text = append(l.text, "}\n"...)
}

func (l *plainLine) attr(a slog.Attr) {
	l.plain = l.plain && a.Key != ""
	l.name(a.Key)
	switch a.Value.Kind() {
	case slog.KindString:
		text := a.Value.String()
		l.plain = l.plain && (isIdentifier(text) || harmless(text))
		l.quoted(text)
	case slog.KindInt64:
		l.text = strconv.AppendInt(l.text, a.Value.Int64(), 10)
	case slog.KindDuration:
		l.text = strconv.AppendInt(l.text, int64(a.Value.Duration()), 10)
	case slog.KindBool:
		l.text = strconv.AppendBool(l.text, a.Value.Bool())
	default:
		l.plain = false
	}
}

func (l *plainLine) name(name string) {
	l.text = append(l.text, ',')
	l.quoted(name)
	l.text = append(l.text, ':')
}

// isPlain are the bytes that stand for themselves in JSON.
var isPlain = func() (set [256]bool) {
	for b := byte(' '); b < utf8.RuneSelf; b++ {
		set[b] = b != '"' && b != '\\'
	}
	return set
}()

// quoted writes a text that has no escape.
func (l *plainLine) quoted(text string) {
	for i := range len(text) {
		if !isPlain[text[i]] {
			l.plain = false
			return
		}
	}
	l.text = append(append(append(l.text, '"'), text...), '"')
}
