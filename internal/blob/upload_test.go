package blob

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"guanxi/internal/picture"
)

const testLimit = 1 << 20

// drawn gives a picture of 30 by 20 pixels in one of the formats.
func drawn(t *testing.T, format string) string {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, img)
	case "gif":
		err = gif.Encode(&b, img, nil)
	default:
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// claimed is the beginning of a PNG that says how large it is.
func claimed(width, height uint32) string {
	chunk := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(chunk[4:], width)
	binary.BigEndian.PutUint32(chunk[8:], height)
	chunk[12], chunk[13] = 8, 2
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk)))
}

func TestReceive(t *testing.T) {
	onEachStore(t, func(t *testing.T, b *bench) {
		file := drawn(t, "jpeg")
		u, err := Receive(t.Context(), b, 57, `C:\pictures\名片.JPG`, iotest.OneByteReader(strings.NewReader(file)), testLimit)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(file))
		want := Upload{Key: u.Key, Name: "名片.JPG", ContentType: "image/jpeg", Size: int64(len(file)),
			SHA256: hex.EncodeToString(sum[:]), Width: 30, Height: 20}
		if *u != want {
			t.Errorf("got %+v, want %+v", *u, want)
		}
		if org, ok := keyOrganization(u.Key); !ok || org != 57 {
			t.Errorf("the key is %q", u.Key)
		}
		if got := read(t, b, u.Key); string(got) != file {
			t.Error("other bytes were kept")
		}
		again, err := Receive(t.Context(), b, 57, "名片.JPG", strings.NewReader(file), testLimit)
		if err != nil || again.Key == u.Key {
			t.Errorf("the same key again: %+v, %v", again, err)
		}
	})
}

func TestReceiveRefuses(t *testing.T) {
	broken := errors.New("broken")
	onEachStore(t, func(t *testing.T, b *bench) {
		for name, c := range map[string]struct {
			file    string
			content io.Reader
			want    error
		}{
			"too many bytes":         {"a.txt", io.LimitReader(zeros{}, testLimit+1), ErrUploadTooLarge},
			"endless":                {"a.txt", zeros{}, ErrUploadTooLarge},
			"too many of a picture":  {"a.jpg", io.MultiReader(strings.NewReader(drawn(t, "jpeg")), zeros{}), ErrUploadTooLarge},
			"a program by name":      {"a.exe", strings.NewReader("text"), ErrRefusedType},
			"dots and spaces behind": {"a.exe . .", strings.NewReader("text"), ErrRefusedType},
			"another stream":         {"a.exe::$DATA", strings.NewReader("text"), ErrRefusedType},
			"a turned name":          {"gpj\u202e.exe", strings.NewReader("text"), ErrRefusedType},
			"a program by content":   {"a.jpg", strings.NewReader("MZ\x90\x00\x03"), ErrRefusedType},
			"a pixel bomb":           {"a.png", strings.NewReader(claimed(65535, 65535) + "rest"), picture.ErrTooLarge},
			"a connection that ends": {"a.txt", iotest.ErrReader(broken), broken},
			"in the middle":          {"a.txt", io.MultiReader(io.LimitReader(zeros{}, headBytes), iotest.ErrReader(broken)), broken},
			"in a picture's header":  {"a.jpg", io.MultiReader(strings.NewReader("\xff\xd8\xff\xe1\xff\xff"), io.LimitReader(zeros{}, headBytes), iotest.ErrReader(broken)), broken},
		} {
			u, err := Receive(t.Context(), b, 57, c.file, c.content, testLimit)
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %+v, %v, want %v", name, u, err, c.want)
			}
		}
		if all := b.kept(); len(all) != 0 {
			t.Errorf("the store holds %q", all)
		}
		u, err := Receive(t.Context(), b, 57, "a.bin", io.LimitReader(zeros{}, testLimit), testLimit)
		if err != nil || u.Size != testLimit {
			t.Errorf("a file of the largest size: %+v, %v", u, err)
		}
	})
}

func TestTypes(t *testing.T) {
	mp4 := "\x00\x00\x00\x20ftypisom"
	for _, c := range []struct {
		name, content, want string
	}{
		{"a.jpg", drawn(t, "jpeg"), "image/jpeg"}, {"a.png", drawn(t, "png"), "image/png"}, {"a.gif", drawn(t, "gif"), "image/gif"},
		{"a.png", drawn(t, "jpeg"), octets}, // what its name says is not what it is
		{"blob", drawn(t, "jpeg"), "image/jpeg"}, {"a.tmp", drawn(t, "png"), "image/png"},
		{"a.html", drawn(t, "gif"), octets}, {"a.jpg", "\xff\xd8\xff damaged", octets}, {"a.jpg", "text", octets}, {"a.jpg", "", octets},
		{"a.pdf", "%PDF-1.7\n", "application/pdf"}, {"a", "%PDF-1.7\n", "application/pdf"}, {"a.html", "%PDF-1.7\n<script>", octets},
		{"a.html", "<!DOCTYPE html><script>", "text/html"}, {"a.txt", "<html><script>", octets}, {"a", " \n<script>x</script>", "text/html"},
		{"a.jpg", "<html>", octets}, {"a.pdf", "<html>", octets},
		{"a.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>`, "image/svg+xml"}, {"a.png", "<svg>", octets},
		{"a.svg", `<?xml version="1.0"?><!-- x --><SVG>`, "image/svg+xml"}, {"a.svg", "<!-- x --><svg>", "image/svg+xml"}, {"a", "<svg>", "image/svg+xml"},
		{"a.xml", `<?xml version="1.0"?><a/>`, "text/xml"},
		{"客户.csv", "姓名,电话\n张三,13800000000\n", "text/csv"}, {"a.csv", "\xd0\xd5\xc3\xfb,1\n", "text/csv"}, {"a.txt", "MZ公司的报价", "text/plain"},
		{"a.txt", "BMW", "text/plain"}, {"a.txt", "", "text/plain"}, {"a.txt", "a\x00b", octets}, {"README", "text", "text/plain"},
		{"a.docx", "PK\x03\x04…", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"a.xlsx", "PK\x03\x04…", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"a.zip", "PK\x03\x04…", "application/zip"}, {"a.sketch", "PK\x03\x04…", "application/zip"},
		{"a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1…", "application/msword"}, {"a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1…", "application/vnd.ms-excel"},
		{"a.old", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1…", octets}, {"a.rtf", `{\rtf1`, "application/rtf"},
		{"a.mp3", "ID3\x04", "audio/mpeg"}, {"a.amr", "#!AMR\n", "audio/amr"}, {"a.wav", "RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"},
		{"a.mp4", mp4, "video/mp4"}, {"a.m4a", mp4, "audio/mp4"}, {"a.heic", "\x00\x00\x00\x20ftypheic", "image/heic"},
		{"a.dwg", "AC1032\x00\x00", octets}, {"a.dat", "\x00\x01\x02", octets},
	} {
		d, _ := newDir(t)
		u, err := Receive(t.Context(), d, 1, c.name, strings.NewReader(c.content), testLimit)
		if err != nil || u.ContentType != c.want {
			t.Errorf("%s with %.20q: %+v, %v, want %s", c.name, c.content, u, err, c.want)
		}
	}
	for _, bad := range []string{"text/html", "image/svg+xml", "text/xml", "text/plain", octets, "image/bmp", "", "image/jpeg; x", "IMAGE/JPEG"} {
		if Inline(bad) {
			t.Errorf("%q is shown in the place of a page", bad)
		}
	}
}

func TestPrograms(t *testing.T) {
	d, root := newDir(t)
	for _, content := range []string{
		"MZ\x90\x00", "\x7fELF\x02", "#!/bin/sh\n", "#! /usr/bin/env x\n", "\xfe\xed\xfa\xcf", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe",
		"dex\n035\x00", "\x00asm\x01", "L\x00\x00\x00\x01\x14\x02\x00",
	} {
		for _, name := range []string{"a.txt", "a.jpg", "a"} {
			if _, err := Receive(t.Context(), d, 1, name, strings.NewReader(content), testLimit); !errors.Is(err, ErrRefusedType) {
				t.Errorf("%s with %q: %v", name, content, err)
			}
		}
	}
	for ext := range refused {
		if _, err := Receive(t.Context(), d, 1, "a"+strings.ToUpper(ext), strings.NewReader("text"), testLimit); !errors.Is(err, ErrRefusedType) {
			t.Errorf("a%s: %v", ext, err)
		}
	}
	if all := names(t, root); len(all) != 0 {
		t.Errorf("the folder holds %q", all)
	}
}

func TestCleanName(t *testing.T) {
	long := strings.Repeat("名", 100)
	for in, want := range map[string]string{
		"a.jpg": "a.jpg", "名片 1+2.jpg": "名片 1+2.jpg", "/etc/passwd": "passwd", `..\..\x.txt`: "x.txt", "a/": "file",
		"": "file", ".": "file", "..": "file", " . ": "file", "a\x00b\r\nc\u0085.txt": "abc.txt", "a\u202egpj.txt": "agpj.txt",
		"\xff.txt": "_.txt", " a.txt ": "a.txt", "a.txt...": "a.txt",
		long + ".jpg": long[:83*3] + ".jpg", long: long[:255], "a." + long: "a." + long[:84*3],
	} {
		if got := CleanName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add(`C:\a\名片.jpg`)
	f.Add(strings.Repeat("名", 100) + ". x")
	f.Fuzz(func(t *testing.T, in string) {
		got := CleanName(in)
		if got == "" || got == "." || got == ".." || len(got) > maxNameBytes || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\x00\r\n") {
			t.Errorf("%q became %q", in, got)
		}
		if again := CleanName(got); again != got {
			t.Errorf("%q became %q, and that %q", in, got, again)
		}
	})
}

func FuzzTypeOf(f *testing.F) {
	f.Add([]byte("<svg>"), ".svg")
	f.Add([]byte("MZ\x00"), ".txt")
	f.Fuzz(func(t *testing.T, head []byte, ext string) {
		if got := typeOf(head, ext); got == "" || Inline(got) && family(head) == "html" {
			t.Errorf("%q is %q", head, got)
		}
	})
}

func TestCapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "data")
		limit := rapid.Int64Range(0, 50).Draw(t, "limit")
		got, err := io.ReadAll(&capped{r: iotest.HalfReader(bytes.NewReader(data)), left: limit})
		over := int64(len(data)) > limit
		if over != errors.Is(err, ErrUploadTooLarge) || !over && !bytes.Equal(got, data) || int64(len(got)) > limit {
			t.Fatalf("%d bytes of %d with the limit %d: %v", len(got), len(data), limit, err)
		}
	})
}
