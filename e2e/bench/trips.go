package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// counter stands between the server and PostgreSQL and counts how often the
// server speaks after PostgreSQL has.
type counter struct {
	listener net.Listener
	socket   string // of PostgreSQL

	trips   atomic.Int64 // with an answer that is waited for
	endings atomic.Int64 // that only end a transaction: nobody waits
	running sync.WaitGroup
}

// startCounter listens on a free port of loopback.
func startCounter(socket string) (*counter, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	k := &counter{listener: l, socket: socket}
	k.running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // closed
			}
			k.running.Go(func() { k.serve(client) })
		}
	})
	return k, nil
}

// stop ends the listening and waits for the connections, whose clients have to
// end them.
func (k *counter) stop() error {
	err := k.listener.Close()
	k.running.Wait()
	return err
}

// serve carries one connection.
func (k *counter) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", k.socket)
	if err != nil {
		return // the client learns of it by the end of the connection
	}
	defer server.Close()
	var answered atomic.Bool
	answered.Store(true)
	var wg sync.WaitGroup
	carry := func(from, to net.Conn, seen func([]byte)) {
		wg.Go(func() {
			defer from.Close()
			defer to.Close()
			b := make([]byte, 64<<10)
			for {
				n, err := from.Read(b)
				if n > 0 {
					seen(b[:n])
					if _, err := to.Write(b[:n]); err != nil {
						return
					}
				}
				if err != nil {
					return
				}
			}
		})
	}
	carry(client, server, func(b []byte) { k.said(b, &answered) })
	carry(server, client, func([]byte) { answered.Store(true) })
	wg.Wait()
}

// ending is the message Sync, alone.
var ending = []byte{'S', 0, 0, 0, 4}

// said counts what the client has said.
func (k *counter) said(b []byte, answered *atomic.Bool) {
	if bytes.Equal(b, ending) {
		k.endings.Add(1)
		return // what it says next is another trip all the same
	}
	if answered.Swap(false) {
		k.trips.Add(1)
	}
}

// trips are how often a request goes to the database, on average.
type trips struct{ waited, endings float64 }

// counted is how many requests the trips are counted over.
const counted = 400

// countTrips starts a server of its own behind a counter, and sends it requests
// one after the other: each twice, since at first it has to learn who is asking.
func countTrips(ctx context.Context, o *options, d *dataSet, s *process, lists map[string][]request, work string) (map[string]trips, error) {
	u, err := url.Parse(d.url)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	k, err := startCounter(filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port")))
	if err != nil {
		return nil, err
	}
	q.Set("host", "127.0.0.1")
	q.Set("port", fmt.Sprint(k.listener.Addr().(*net.TCPAddr).Port))
	u.RawQuery = q.Encode()
	behind, err := startServer(ctx, o.binary, work, u.String())
	if err != nil {
		return nil, errors.Join(err, k.listener.Close())
	}
	found := map[string]trips{}
	for _, v := range variants {
		if v.bare {
			continue
		}
		found[v.name], err = v.count(ctx, k, behind, s.tokens, lists[v.call])
		if err != nil {
			err = fmt.Errorf("count the trips of %s: %w", v.name, err)
			break
		}
	}
	behind.stop()
	return found, errors.Join(err, k.stop())
}

func (v variant) count(ctx context.Context, k *counter, p *process, tokens map[int64]string, list []request) (t trips, err error) {
	list = list[:min(counted, len(list))]
	tags := make([]string, len(list))
	want := http.StatusOK
	for range 2 {
		k.trips.Store(0)
		k.endings.Store(0)
		for i, r := range list {
			a, err := p.get(ctx, r.path, tokens[r.org], tags[i])
			if err != nil {
				return t, err
			}
			if a.status != want {
				return t, fmt.Errorf("%s: HTTP %d", r.path, a.status)
			}
			if v.tagged {
				tags[i] = a.tag
			}
		}
		if v.tagged {
			want = http.StatusNotModified
		}
	}
	n := float64(len(list))
	return trips{float64(k.trips.Load()) / n, float64(k.endings.Load()) / n}, nil
}
