package world_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/world"
)

type contents = map[string]map[string]string

func TestLoad_keeps_and_replaces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	must(t, b.Load(ctx, b.ana, seed(seedOf("a", "Shop", "m1", "m2"), seedOf("b", "Bank"))))
	equal(t, "what is loaded", b.dumped(b.ana), contents{"a Shop": {"m1": "Shop <pin>", "m2": "Shop <pin>"}, "b Bank": {}})
	must(t, b.Load(ctx, b.ana, seed(seedOf("a", "Store", "m2", "m3"))))
	equal(t, "what is loaded over it", b.dumped(b.ana), contents{
		"a Store": {"m1": "Shop <pin>", "m2": "Store <pin>", "m3": "Store <pin>"}, "b Bank": {},
	})
	must(t, b.Load(ctx, b.ana, seed(seedOf("b", "Bank", "m3"))))
	if got := b.dumped(b.ana)["b Bank"]; got["m3"] != "Bank <pin>" {
		t.Errorf("a message that a seed has in another application is %q there, want it moved", got["m3"])
	}
	must(t, b.Load(ctx, b.ana, world.Seed{}))
}

func TestDump_is_oldest_first(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, id := range []string{"c", "a", "b"} {
		must(t, b.Load(t.Context(), b.ana, seed(seedOf(id, id, id+"2", id+"1"))))
	}
	dump, err := b.Dump(t.Context(), b.ana)
	must(t, err)
	var order []string
	for _, c := range dump {
		order = append(order, c.Application.ID)
		for _, m := range c.Messages {
			order = append(order, m.ID)
		}
	}
	equal(t, "the order", order, []string{"c", "c2", "c1", "a", "a2", "a1", "b", "b2", "b1"})
	nobody, err := b.Dump(t.Context(), "NOBODY")
	if err != nil || len(nobody) != 0 {
		t.Errorf("Dump of nobody gives %v, %v; want nothing", nobody, err)
	}
}

// TestLoad_names_every_fault wants all that is wrong named at once by its place, and nothing kept.
func TestLoad_names_every_fault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	blank, long := seedOf("blank", " "), seedOf("long", "Long", "long1")
	long.Messages[0].Input.PINLength = new(9)
	long.Messages[0].Input.Text = new("no place for it")
	nameless := seedOf("", "Nameless", "")
	long.Input.Configuration.PINAttempts = new(0)
	twice := seedOf("good", "Twice", "m1", "m2", "m2")
	err := b.Load(t.Context(), b.ana, seed(seedOf("good", "Good", "m1"), blank, long, nameless, twice))
	equal(t, "members", membersOf(t, err), map[string][]string{
		"applications[1].name":                      {"must not be empty"},
		"applications[2].configuration.pinAttempts": {"must be from 1 to 2147483647"},
		"applications[2].messages[0].pinLength":     {"must be from 1 to 8"},
		"applications[2].messages[0].messageText":   {"must contain the pinPlaceholder"},
		"applications[3].applicationId":             {"must not be empty"},
		"applications[3].messages[0].messageId":     {"must not be empty"},
		"applications[4].applicationId":             {"is the same as applications[0].applicationId"},
		"applications[4].messages[0].messageId":     {"is the same as applications[0].messages[0].messageId"},
		"applications[4].messages[2].messageId":     {"is the same as applications[4].messages[1].messageId"},
	})
	equal(t, "what is kept of it", b.dumped(b.ana), contents{})
}

// TestLoad_takes_plain_ids wants ids that stand in a path as they are.
func TestLoad_takes_plain_ids(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const wrong = "must be 1 to 64 letters, digits, hyphens and underscores"
	long := strings.Repeat("x", 64)
	for _, id := range []string{"a b", "a/b", "..", "a?b", "a#b", "é", "a\n", "\n", "a\x00", long + "x"} {
		err := b.Load(t.Context(), b.ana, seed(seedOf(id, "App"), seedOf("app", "App", id)))
		equal(t, "members of "+id, membersOf(t, err), map[string][]string{
			"applications[0].applicationId": {wrong}, "applications[1].messages[0].messageId": {wrong},
		})
	}
	for _, id := range []string{"a", "-", "_", "0", "A-b_9", long} {
		must(t, b.Load(t.Context(), b.ana, seed(seedOf(id, "App", id))))
	}
}

// TestLoad_of_one_seed_everywhere wants accounts and worlds to have the same ids each for itself: what one loads over its
// own leaves the others as they are.
func TestLoad_of_one_seed_everywhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	mine, _ := b.open(b.ana, "")
	same := seed(seedOf("a", "Shop", "m1", "m2"), seedOf("b", "Bank", "m3"))
	loaded := contents{"a Shop": {"m1": "Shop <pin>", "m2": "Shop <pin>"}, "b Bank": {"m3": "Bank <pin>"}}
	all := []string{b.ana, b.ben, mine}
	for _, id := range all {
		must(t, b.Load(ctx, id, same))
	}
	changed := contents{"a Mine": {"m1": "Mine <pin>", "m2": "Shop <pin>", "m3": "Mine <pin>"}, "b Bank": {}}
	for i, id := range all {
		must(t, b.Load(ctx, id, seed(seedOf("a", "Mine", "m1", "m3"))))
		for j, id := range all {
			want := loaded
			if j <= i {
				want = changed
			}
			equal(t, fmt.Sprintf("what account %d has after a load into %d", j, i), b.dumped(id), want)
		}
	}
	must(t, b.Reset(ctx, mine, world.Seed{}))
	equal(t, "what the world has after a reset", b.dumped(mine), contents{})
	equal(t, "what its owner has", b.dumped(b.ana), changed)
}
