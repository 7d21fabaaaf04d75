// The limit in Go: pgx. Same flags, environment and answer as runners/node.mjs.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	poolConnections = 10
	poolWorkers     = 64
)

type workload struct {
	Kind         string      `json:"kind"`
	SQL          string      `json:"sql"`
	Target       string      `json:"target"`
	Insert       string      `json:"insert"`
	InsertArrays string      `json:"insertArrays"`
	Columns      [][2]string `json:"columns"`
	Argument     *struct {
		From, Count, Step int64
	} `json:"argument"`
}

type expected struct {
	Calls      int64 `json:"calls"`
	Rows       int64 `json:"rows"`
	IntegerSum int64 `json:"integerSum"`
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// options are the flags that all runners share.
type options struct {
	workload, expected, mode string
	seconds, warmup          float64
}

func (w *workload) arguments(n int64) []any {
	if w.Argument == nil {
		return nil
	}
	return []any{w.Argument.From + n*w.Argument.Step%w.Argument.Count}
}

// fetch reads every value of the answer into Go's own kinds.
func (w *workload) fetch(ctx context.Context, db querier, n int64) ([][]any, error) {
	rows, err := db.Query(ctx, w.SQL, w.arguments(n)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
}

func (w *workload) integerSum(rows [][]any) int64 {
	var sum int64
	for _, row := range rows {
		for i, column := range w.Columns {
			switch column[1] {
			case "int2", "int4", "int8", "int4[]":
				sum += integerOf(row[i])
			}
		}
	}
	return sum
}

func integerOf(value any) int64 {
	switch v := value.(type) {
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case int64:
		return v
	case []any:
		var sum int64
		for _, element := range v {
			sum += integerOf(element)
		}
		return sum
	}
	return 0
}

func (w *workload) verify(ctx context.Context, db querier, want expected) error {
	var rows, sum int64
	for n := range want.Calls {
		answer, err := w.fetch(ctx, db, n)
		if err != nil {
			return err
		}
		rows += int64(len(answer))
		sum += w.integerSum(answer)
	}
	if rows != want.Rows || sum != want.IntegerSum {
		return fmt.Errorf("wrong result: %d rows, sum %d", rows, sum)
	}
	return nil
}

func open(ctx context.Context, mode string) (querier, int, error) {
	switch mode {
	case "one":
		connection, err := pgx.Connect(ctx, "")
		return connection, 1, err
	case "pool":
		config, err := pgxpool.ParseConfig("")
		if err != nil {
			return nil, 0, err
		}
		config.MaxConns = poolConnections
		pool, err := pgxpool.NewWithConfig(ctx, config)
		return pool, poolWorkers, err
	}
	return nil, 0, errors.New("pgx takes one call at a time on a connection")
}

func measure(ctx context.Context, o options) (map[string]any, error) {
	var w workload
	var want expected
	if err := errors.Join(readJSON(o.workload, &w), readJSON(o.expected, &want)); err != nil {
		return nil, err
	}
	if w.Kind == "write" {
		return w.measureWrite(ctx, want, o)
	}
	db, workers, err := open(ctx, o.mode)
	if err != nil {
		return nil, err
	}
	if err := w.verify(ctx, db, want); err != nil {
		return nil, err
	}
	return load(workers, o, func(n int64) (int, error) {
		answer, err := w.fetch(ctx, db, n)
		return len(answer), err
	})
}

// measureWrite writes what it has read, in Go's own kinds.
func (w *workload) measureWrite(ctx context.Context, want expected, o options) (map[string]any, error) {
	db, err := pgx.Connect(ctx, "")
	if err != nil {
		return nil, err
	}
	source, err := w.fetch(ctx, db, 0)
	if err != nil {
		return nil, err
	}
	write := func() error { return w.write(ctx, db, source) }
	if err := w.verifyWritten(ctx, db, want, write); err != nil {
		return nil, err
	}
	figures, err := load(1, o, func(int64) (int, error) { return len(source), write() })
	if err != nil {
		return nil, err
	}
	return figures, w.verifyWritten(ctx, db, want, write)
}

func (w *workload) write(ctx context.Context, db *pgx.Conn, rows [][]any) error {
	if w.InsertArrays != "" {
		arrays := make([]any, len(w.Columns))
		for i := range arrays {
			array := make([]any, len(rows))
			for j, row := range rows {
				array[j] = row[i]
			}
			arrays[i] = array
		}
		_, err := db.Exec(ctx, w.InsertArrays, arrays...)
		return err
	}
	if w.Insert == "" {
		_, err := db.CopyFrom(ctx, pgx.Identifier{w.Target}, w.names(), pgx.CopyFromRows(rows))
		return err
	}
	batch := &pgx.Batch{}
	for _, row := range rows {
		batch.Queue(w.Insert, row...)
	}
	return db.SendBatch(ctx, batch).Close()
}

func (w *workload) verifyWritten(ctx context.Context, db *pgx.Conn, want expected, write func() error) error {
	truncate := "truncate " + w.Target
	if _, err := db.Exec(ctx, truncate); err != nil {
		return err
	}
	if err := write(); err != nil {
		return err
	}
	written := *w
	written.SQL = "select " + strings.Join(w.names(), ", ") + " from " + w.Target + " order by id"
	if err := written.verify(ctx, db, want); err != nil {
		return err
	}
	_, err := db.Exec(ctx, truncate)
	return err
}

func (w *workload) names() []string {
	names := make([]string, len(w.Columns))
	for i, column := range w.Columns {
		names[i] = column[0]
	}
	return names
}

// load keeps calls going; each is told its number and gives its number of rows.
func load(workers int, o options, call func(n int64) (int, error)) (map[string]any, error) {
	var started, completed, rows atomic.Int64
	var running, recording atomic.Bool
	running.Store(true)
	every := int64(16)
	if workers == 1 {
		every = 1
	}
	latencies := make([][]float64, workers)
	failures := make(chan error, workers)
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for running.Load() {
				n := started.Add(1) - 1
				before := time.Now()
				moved, err := call(n)
				if err != nil {
					failures <- err
					return
				}
				if recording.Load() && n%every == 0 {
					latencies[worker] = append(latencies[worker], float64(time.Since(before).Nanoseconds())/1000)
				}
				completed.Add(1)
				rows.Add(int64(moved))
			}
		})
	}
	time.Sleep(seconds(o.warmup))
	recording.Store(true)
	at, queries, found, cpu := time.Now(), completed.Load(), rows.Load(), processCPU()
	time.Sleep(seconds(o.seconds))
	elapsed := time.Since(at).Seconds()
	queries, found, cpu = completed.Load()-queries, rows.Load()-found, processCPU()-cpu
	running.Store(false)
	group.Wait()
	select {
	case err := <-failures:
		return nil, err
	default:
	}
	var all []float64
	for _, list := range latencies {
		all = append(all, list...)
	}
	sort.Float64s(all)
	return map[string]any{
		"queries": queries, "elapsedMs": elapsed * 1000,
		"queriesPerSecond": float64(queries) / elapsed, "rowsPerSecond": float64(found) / elapsed,
		"p50Us": percentile(all, 0.5), "p99Us": percentile(all, 0.99),
		"processCpuUs": cpu / float64(max(1, queries)) * 1e6, "rssMb": float64(usage().Maxrss) / 1024,
	}, nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func percentile(sorted []float64, share float64) any {
	if len(sorted) == 0 {
		return nil
	}
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func usage() (u syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u
}

func processCPU() float64 {
	u := usage()
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/jackc/pgx/v5" {
				return module.Version
			}
		}
	}
	return "unknown"
}

func main() {
	var o options
	flag.StringVar(&o.workload, "workload", "", "the workload's file")
	flag.StringVar(&o.expected, "expected", "", "the expected result's file")
	flag.StringVar(&o.mode, "mode", "one", "one, inflight or pool")
	flag.Float64Var(&o.seconds, "seconds", 1, "length of the window")
	flag.Float64Var(&o.warmup, "warmup", 0.3, "seconds not counted")
	flag.Float64("delay", 0, "taken and ignored: there is no event loop")
	flag.Parse()
	result, err := measure(context.Background(), o)
	if err != nil {
		result = map[string]any{"ok": false, "reason": err.Error()}
	} else {
		result["ok"], result["version"] = true, version()
	}
	_ = json.NewEncoder(os.Stdout).Encode(result)
}
