package main

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestNotes(t *testing.T) {
	var results []scenarios.Result
	for n := range 5 {
		results = append(results, scenarios.Result{
			Cell:      scenarios.Cell{Version: "v1", Scenario: "items", N: n},
			Recording: tracer.Recording{MaxHeld: 2 + n/4},
		})
	}
	results[0].Recording.Events = []tracer.Event{{Kind: tracer.KindQuery, Outcome: tracer.OutcomeUnfinished, Name: "SELECT\x1b[2J ?", Parent: -1}}
	var out strings.Builder
	notes(&out, results)
	const want = `NOTE v1 items/0: not finished at the end; close rows and wait for goroutines: SELECT<U+001B>[2J ? ×1
NOTE v1 items/0, v1 items/1, v1 items/2 and 1 more: 2 connections held at once: concurrent callers can deadlock if they use up the pool
NOTE v1 items/4: 3 connections held at once: concurrent callers can deadlock if they use up the pool
`
	if got := out.String(); got != want {
		t.Errorf("notes\n got %s\nwant %s", got, want)
	}
}

func TestFirstRunNotes(t *testing.T) {
	rows := reporttest.Rows(reporttest.Cell("orders", "list\x1b[2J", 1, "ok", 1, 0), reporttest.Cell("orders", "list\x1b[2J", 2, "ok", 1, 0), reporttest.Cell("orders", "show", 1, "ok", 1, 0))
	for n := 1; n <= 2; n++ {
		rows.FirstRuns = append(rows.FirstRuns, report.FirstRun{Cell: scenarios.Cell{Scenario: "list\x1b[2J", N: n, Version: "orders"}, SQL: 1 + n})
	}
	var out strings.Builder
	firstRunNotes(&out, rows)
	const want = "NOTE orders list<U+001B>[2J: the first run costs SQL 2, 3, later ones SQL 1: it leaves something behind that saves them work, such as a cache or changed data\n"
	if got := out.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
