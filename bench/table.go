package main

import (
	"fmt"
	"slices"
	"strings"
)

// table shows medians over the rounds. A share is the median of the shares of each round: what slows a machine down for a
// while slows all turns of a round.
func (r *results) table() string {
	var b strings.Builder
	b.WriteString("| operation | connections | server | share of bare Echo | requests/s | p50 ms | p99 ms | CPU µs/request | allocations/request | max RSS MB |\n")
	b.WriteString("|---|--:|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for rows := r.turns; len(rows) > 0; {
		t := rows[0]
		same := func(o turn) bool {
			return o.Operation == t.Operation && o.Connections == t.Connections && o.Title == t.Title
		}
		of := func(what func(turn) float64) float64 { return median(rows, same, what) }
		fmt.Fprintf(&b, "| %s | %d | %s | %.2f | %.0f | %.1f | %.1f | %.0f | %.0f | %.0f |\n",
			t.Operation, t.Connections, t.Title, of(r.shareOfBare), of(func(t turn) float64 { return t.PerSecond }),
			of(func(t turn) float64 { return float64(t.P50) / 1000 }), of(func(t turn) float64 { return float64(t.P99) / 1000 }),
			of(func(t turn) float64 { return t.CPU }), of(func(t turn) float64 { return t.Allocs }),
			of(func(t turn) float64 { return float64(t.MaxRSS) / (1 << 20) }))
		rows = slices.DeleteFunc(slices.Clone(rows), same)
	}
	return b.String()
}

// shareOfBare compares a turn with that of bare Echo in its round: the last one before it or the first after it.
func (r *results) shareOfBare(t turn) float64 {
	nearest, best := 0.0, len(r.turns)
	at := slices.Index(r.turns, t)
	for i, o := range r.turns {
		if o.Rival == rivals[0].name && o.Operation == t.Operation && o.Connections == t.Connections && o.Round == t.Round && max(i-at, at-i) < best {
			nearest, best = o.PerSecond, max(i-at, at-i)
		}
	}
	return t.PerSecond / nearest
}

func median(turns []turn, same func(turn) bool, what func(turn) float64) float64 {
	var values []float64
	for _, t := range turns {
		if same(t) {
			values = append(values, what(t))
		}
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}
