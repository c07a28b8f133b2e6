// What a user of Go writes: net/http with a transport of its own, a goroutine a connection. One line of JSON
// with the same members as the other peers'.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type tokenResponse struct {
	AccessToken     string `json:"access_token"`
	IssuedTokenType string `json:"issued_token_type"`
	TokenType       string `json:"token_type"`
	ExpiresIn       int64  `json:"expires_in"`
}

func cpu() (user, system float64) {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	us := func(t syscall.Timeval) float64 { return float64(t.Sec)*1e6 + float64(t.Usec) }
	return us(used.Utime), us(used.Stime)
}

func residentKB() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int64
	fmt.Sscan(string(text), &size, &resident)
	return float64(resident * int64(os.Getpagesize()) / 1024)
}

func main() {
	target := flag.String("url", "", "")
	caFile := flag.String("ca-file", "", "")
	scope := flag.String("scope", "", "")
	tokenFile := flag.String("subject-token-file", "", "")
	version := flag.String("http", "1.1", "")
	mode := flag.String("mode", "exchange", "")
	connections := flag.Int("connections", 64, "")
	exchanges := flag.Int64("exchanges", 60000, "")
	flag.Parse()

	ca, err := os.ReadFile(*caFile)
	if err != nil {
		panic(err)
	}
	subject, err := os.ReadFile(*tokenFile)
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		MaxIdleConnsPerHost: *connections,
		MaxConnsPerHost:     *connections,
		DisableCompression:  true,
	}
	if *version == "2" {
		transport.ForceAttemptHTTP2 = true
		transport.MaxConnsPerHost = 0 // streams share connections
	}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}

	one := func() bool {
		form := url.Values{
			"grant_type":         {"urn:ietf:params:oauth:grant-type:token-exchange"},
			"scope":              {*scope},
			"subject_token":      {strings.TrimSpace(string(subject))},
			"subject_token_type": {"urn:ietf:params:oauth:token-type:id_token"},
		}
		request, err := http.NewRequest("POST", *target, bytes.NewReader([]byte(form.Encode())))
		if err != nil {
			return false
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Accept", "application/json")
		response, err := client.Do(request)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != 200 {
			return false
		}
		var answer tokenResponse
		return json.Unmarshal(body, &answer) == nil && answer.TokenType == "Bearer" && answer.AccessToken != ""
	}

	opening := time.Now()
	if !one() {
		fmt.Fprintln(os.Stderr, "go: not a token response")
		os.Exit(1)
	}
	rssOfOne := residentKB()
	var open sync.WaitGroup
	var ready, ended sync.WaitGroup
	start := make(chan struct{})
	var left atomic.Int64
	left.Store(*exchanges)
	var errors atomic.Int64
	var mutex sync.Mutex
	var latencies []float64
	for i := 0; i < *connections; i++ {
		open.Add(1)
		ready.Add(1)
		ended.Add(1)
		go func() {
			defer ended.Done()
			if !one() {
				errors.Add(1)
			}
			open.Done()
			ready.Done()
			<-start
			var mine []float64
			for left.Add(-1) >= 0 {
				begun := time.Now()
				if !one() {
					errors.Add(1)
				}
				mine = append(mine, float64(time.Since(begun).Nanoseconds())/1e3)
			}
			mutex.Lock()
			latencies = append(latencies, mine...)
			mutex.Unlock()
		}()
	}
	ready.Wait()
	openingSeconds := time.Since(opening).Seconds()
	perConnection := 0.0
	if *connections > 1 {
		perConnection = (residentKB() - rssOfOne) / float64(*connections-1)
	}
	if *mode == "idle" {
		left.Store(0)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	mallocs := memory.Mallocs
	user0, system0 := cpu()
	begun := time.Now()
	close(start)
	ended.Wait()
	seconds := time.Since(begun).Seconds()
	user1, system1 := cpu()
	runtime.ReadMemStats(&memory)
	count := float64(len(latencies))
	each := func(sum float64) float64 {
		if count == 0 {
			return 0
		}
		return sum / count
	}
	sort.Float64s(latencies)
	at := func(share float64) float64 {
		if len(latencies) == 0 {
			return 0
		}
		index := int(share*count+0.5) - 1
		if index < 0 {
			index = 0
		}
		return latencies[index]
	}
	var curve [][2]float64
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999} {
		curve = append(curve, [2]float64{share, at(share)})
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"client": "go", "mode": *mode, "http": *version, "concurrency": *connections, "connections": *connections, "threads": 1,
		"exchanges": len(latencies), "exchanges_per_s": count / seconds,
		"cpu_us": each(user1 - user0 + system1 - system0), "cpu_user_us": each(user1 - user0),
		"cpu_system_us": each(system1 - system0), "p50_us": at(0.5), "p90_us": at(0.9), "p99_us": at(0.99),
		"p999_us": at(0.999), "max_us": at(1), "allocations": each(float64(memory.Mallocs - mallocs)),
		"rss_kb": residentKB(), "kb_per_connection": perConnection, "handshakes_full": 0,
		"handshakes_resumed": 0, "errors": errors.Load(), "opening_s": openingSeconds, "opening_cpu_us": 0,
		"latency_us": curve,
	})
}
