package main

import (
	"io"
	"strings"
	"testing"
)

// TestTable wants medians, and shares of the bare turn of the same round.
func TestTable(t *testing.T) {
	t.Parallel()
	r := &results{progress: io.Discard}
	for round, speeds := range [][2]float64{{1000, 500}, {100, 60}, {2000, 800}} {
		for i, speed := range speeds {
			r.add(turn{Rival: rivals[2*i].name, Title: rivals[2*i].title, Operation: "verifyPin", Connections: 64, Round: round,
				load: load{P50: 1500, P99: 9000}, PerSecond: speed, CPU: 20, Allocs: 30, MaxRSS: 5 << 20})
		}
	}
	table := r.table()
	for _, want := range []string{
		"| verifyPin | 64 | bare Echo | 1.00 | 1000 | 1.5 | 9.0 | 20 | 30 | 5 |\n",
		"| verifyPin | 64 | Pinpost, SQLite | 0.50 | 500 | 1.5 | 9.0 | 20 | 30 | 5 |\n",
	} {
		if strings.Count(table, want) != 1 {
			t.Errorf("the table is\n%s\nwant %s in it", table, want)
		}
	}
	if lines := strings.Count(table, "\n"); lines != 4 {
		t.Errorf("the table has %d lines, want 4", lines)
	}
}

// TestShareOfBare_nearest has several sizes in one table, each with turns of bare Echo of its own.
func TestShareOfBare_nearest(t *testing.T) {
	t.Parallel()
	r := &results{progress: io.Discard}
	for _, size := range []struct {
		title      string
		bare, ours float64
	}{{"ten", 1000, 500}, {"twenty", 100, 10}} {
		r.add(turn{Rival: "bare", Title: "bare Echo", PerSecond: size.bare})
		r.add(turn{Rival: "sqlite", Title: size.title, PerSecond: size.ours})
	}
	if a, b := r.shareOfBare(r.turns[1]), r.shareOfBare(r.turns[3]); a != 0.5 || b != 0.1 {
		t.Errorf("the shares are %v and %v", a, b)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for args, right := range map[string]bool{
		"": true, "-quick": true, "-only verifyPin,sqlite -connections 1,2": true, "-growth 10,20": true,
		"-only nothing": false, "-connections 0": false, "-connections x": false, "-growth 20,10": false, "-rounds 0": false, "more": false,
	} {
		o, err := parse(strings.Fields(args), io.Discard)
		if (err == nil) != right {
			t.Errorf("%q: %v", args, err)
		}
		if right && (o.rivals[0].name != "bare" || len(o.operations) == 0 || len(o.connections) == 0) {
			t.Errorf("%q gives %+v", args, o)
		}
	}
	if o, _ := parse([]string{"-only", "verifyPin,sqlite,bare"}, io.Discard); len(o.rivals) != 2 || len(o.operations) != 1 {
		t.Errorf("-only gives %+v", o)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i := range 100_000 {
		seen[number(i)] = true
	}
	if len(seen) != 100_000 || number(1) != "4915007654321" || thousands(1234567) != "1 234 567" || thousands(12) != "12" {
		t.Errorf("%d numbers, the second %s", len(seen), number(1))
	}
}
