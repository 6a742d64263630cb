// Load generator for etcd, to be compared with `socai bench` in the same run: many clients keep a window of puts under way on all members.
// Prints one JSON object: puts/s and latency percentiles in milliseconds.
//
// Built by scripts/bench with Debian's golang-etcd-server-dev.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/clientv3"
)

func main() {
	endpoints := flag.String("endpoints", "", "client URLs, separated by commas")
	puts := flag.Int("puts", 10000, "puts in all")
	connections := flag.Int("connections", 8, "gRPC connections, dealt over the members")
	clients := flag.Int("clients", 256, "puts under way at once, dealt over the connections")
	size := flag.Int("size", 1056, "bytes of a value")
	flag.Parse()

	members := strings.Split(*endpoints, ",")
	var open []*clientv3.Client
	for i := 0; i < *connections; i++ {
		client, err := clientv3.New(clientv3.Config{
			Endpoints:   []string{members[i%len(members)]},
			DialTimeout: 5 * time.Second,
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, "cannot connect:", err)
			os.Exit(3)
		}
		defer client.Close()
		open = append(open, client)
	}
	value := strings.Repeat("x", *size)
	latencies := make([]float64, *puts)
	var next, failed int64
	var all sync.WaitGroup
	begin := time.Now()
	for c := 0; c < *clients; c++ {
		all.Add(1)
		go func(client *clientv3.Client) {
			defer all.Done()
			for {
				i := atomic.AddInt64(&next, 1) - 1
				if i >= int64(*puts) {
					return
				}
				sent := time.Now()
				_, err := client.Put(context.Background(), fmt.Sprintf("record/%d/%d", begin.UnixNano(), i), value)
				if err != nil {
					atomic.AddInt64(&failed, 1)
				}
				latencies[i] = float64(time.Since(sent).Microseconds()) / 1000
			}
		}(open[c%len(open)])
	}
	all.Wait()
	seconds := time.Since(begin).Seconds()
	sort.Float64s(latencies)
	at := func(share float64) float64 { return latencies[int(share*float64(*puts-1))] }
	json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"puts": *puts, "puts_per_s": float64(int64(*puts)-failed) / seconds, "seconds": seconds, "errors": failed,
		"clients": *clients, "connections": *connections, "value_bytes": *size,
		"latency_ms": map[string]float64{"p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1)},
	})
}
