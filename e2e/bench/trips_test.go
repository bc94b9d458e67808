package main

import (
	"io"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// TestCounter talks through the counter to a server that says
// everything again.
func TestCounter(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				b := make([]byte, 100)
				for {
					n, err := c.Read(b)
					if err != nil {
						return
					}
					if _, err := c.Write(b[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	k, err := startCounter(socket)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", k.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	say := func(text string) {
		t.Helper()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, len(text))); err != nil {
			t.Fatal(err)
		}
	}
	say("one")
	say(string(ending))
	say("two" + string(ending))
	say(string(ending))
	say("three")
	if trips, endings := k.trips.Load(), k.endings.Load(); trips != 3 || endings != 2 {
		t.Errorf("%d trips and %d endings, want 3 and 2", trips, endings)
	}
	c.Close()
	if err := k.stop(); err != nil {
		t.Error(err)
	}
}

// TestSaidTwice has the client speak twice before the server does, which is one
// trip, and go on without waiting for the answer to an ending.
func TestSaidTwice(t *testing.T) {
	var k counter
	var answered atomic.Bool
	answered.Store(true)
	for _, text := range []string{"a", "b"} {
		k.said([]byte(text), &answered)
	}
	answered.Store(true)
	k.said(ending, &answered)
	k.said([]byte("c"), &answered)
	if trips, endings := k.trips.Load(), k.endings.Load(); trips != 2 || endings != 1 {
		t.Errorf("%d trips and %d endings, want 2 and 1", trips, endings)
	}
}
