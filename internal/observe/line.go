package observe

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
)

// Line writes a line as a Logger does, for those of which there are one or two for each request: it does not look up who calls,
// and makes no record of a line in which there is nothing to mask or to escape.
func Line(ctx context.Context, log *slog.Logger, at time.Time, level slog.Level, message string, attrs ...slog.Attr) {
	handler := log.Handler()
	if !handler.Enabled(ctx, level) {
		return
	}
	if h, ok := handler.(*maskingHandler); ok && h.writePlain(ctx, at, level, message, attrs) {
		return
	}
	line := slog.NewRecord(at, level, message, 0)
	line.AddAttrs(attrs...)
	_ = handler.Handle(ctx, line) // as a Logger does with it
}

// rooms are buffers for lines; lineSize is what most need.
var rooms = sync.Pool{New: func() any { return new(make([]byte, 0, lineSize)) }}

const lineSize = 512

// writePlain writes what slog's JSON handler would write, at a fraction of its price, or is false where it leaves the line to slog.
func (h *maskingHandler) writePlain(ctx context.Context, at time.Time, level slog.Level, message string, attrs []slog.Attr) bool {
	if h.plain == nil {
		return false
	}
	room := rooms.Get().(*[]byte)
	defer rooms.Put(room)
	of, asked := ctx.Value(RequestKey{}).(*Request)
	l := plainLine{(*room)[:0], true}
	l.write(at, level, message, attrs, of)
	*room = l.text[:0]
	if l.plain {
		_, err := h.plain.Write(l.text)
		_ = h.written(level, asked, err)
	}
	return l.plain
}

// plainLine is a line that is being written. It is good for nothing once it is no longer plain.
type plainLine struct {
	text  []byte
	plain bool
}

// yearTenThousand is from when on RFC 3339 has no form for a time.
var yearTenThousand = time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()

func (l *plainLine) write(at time.Time, level slog.Level, message string, attrs []slog.Attr, of *Request) {
	seconds := at.Unix()
	l.plain = seconds >= 0 && seconds < yearTenThousand && harmless(message)
	l.text = append(l.text, `{"time":"`...)
	l.text = at.UTC().AppendFormat(l.text, time.RFC3339Nano)
	l.text = append(l.text, `","level":"`...)
	l.text = append(l.text, level.String()...)
	l.text = append(l.text, `","msg":`...)
	l.quoted(message)
	for i := range attrs {
		if l.attr(&attrs[i]); !l.plain {
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

func (l *plainLine) attr(a *slog.Attr) {
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
