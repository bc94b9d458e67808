package lists

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"guanxi/internal/store"
)

func TestBig(t *testing.T) {
	path := os.Getenv("BIG")
	if path == "" {
		return
	}
	s, err := store.Open(t.Context(), path, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	k := New(s, 1<<32, nil)
	for _, e := range []string{Customers, Contacts} {
		at := time.Now()
		var u syscall.Rusage
		syscall.Getrusage(0, &u)
		cpu := u.Utime.Nano() + u.Stime.Nano()
		var need []string
		ask := func() {
			for {
				err = s.View(context.Background(), 1, func(r *store.Read) error {
					_, err := k.Table(r, 1, 0, e, nil, need)
					return err
				})
				var b *Behind
				if !errors.As(err, &b) {
					break
				}
				if err := k.Bring(context.Background(), b); err != nil {
					t.Fatal(err)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(at)
			var u syscall.Rusage
			syscall.Getrusage(0, &u)
			fmt.Print("cpu ", time.Duration(u.Utime.Nano()+u.Stime.Nano()-cpu), " ")
			cpu = u.Utime.Nano() + u.Stime.Nano()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			fmt.Println(e, need, took, k.Bytes()>>20, "MB", m.HeapAlloc>>20, "heap", m.HeapSys>>20)
			at = time.Now()
		}
		ask()
		need = []string{"address.tel"}
		ask()
		need = []string{"address.phone"}
		ask()
	}
}
