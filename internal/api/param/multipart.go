package param

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
)

// File is a file part of a multipart form. It can be read until Params.Close.
type File struct {
	// Name is the name that the client gave, without any directories. It is valid UTF-8 and may be empty.
	Name string
	// ContentType is the type that the client claims, as it was sent. It may be empty and should not be trusted.
	ContentType string
	// Size is the number of bytes.
	Size int64

	content io.ReaderAt
	offset  int64
}

// Open gives a reader over the whole content. Every call gives a reader of its own, and none needs to be closed.
func (f *File) Open() *io.SectionReader { return io.NewSectionReader(f.content, f.offset, f.Size) }

// spool is the temporary file that holds all large uploads of one request, one after the other.
type spool struct {
	file *os.File
	size int64
	err  error
}

// Write appends to the file and remembers an error, to tell it from one of the connection.
func (s *spool) Write(b []byte) (int, error) {
	n, err := s.file.Write(b)
	s.size += int64(n)
	s.err = err
	return n, err
}

func (s *spool) remove() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

// cappedReader stops at a number of bytes with an error and remembers that it did.
type cappedReader struct {
	r    io.Reader
	left int64
	over bool
}

var errOver = errors.New("param: the body is over its limit")

func (c *cappedReader) Read(b []byte) (int, error) {
	if c.over {
		return 0, errOver
	}
	if int64(len(b)) > c.left+1 {
		b = b[:c.left+1]
	}
	n, err := c.r.Read(b)
	if int64(n) > c.left {
		n = int(c.left)
		c.over = true
		err = errOver
	}
	c.left -= int64(n)
	return n, err
}

// parts is the state of reading one multipart form.
type parts struct {
	d      *decoder
	p      *Params
	body   *cappedReader
	fields int64 // The bytes that plain fields may still take.
	memory int64 // The bytes that files may still take in memory.
}

// maxBoundary bounds the bytes of a boundary. The standard allows 70.
const maxBoundary = 256

// multipart reads the body of a multipart form. A body without any bytes has no parameters.
func (d *decoder) multipart(r *http.Request, contentType string, p *Params, root *node) error {
	limit := d.limits.Multipart
	if r.ContentLength > limit {
		return bodyTooLarge(limit)
	}
	m := parts{
		d: d, p: p, body: &cappedReader{r: r.Body, left: limit}, fields: d.limits.Body, memory: d.limits.Memory,
	}
	in := bufio.NewReaderSize(m.body, 16) // The reader of the form has a large buffer of its own.
	if _, err := in.Peek(1); err != nil {
		if err == io.EOF {
			return nil
		}
		return m.failed(err)
	}
	boundary := headerParams(contentType)["boundary"]
	if boundary == "" || len(boundary) > maxBoundary {
		return malformed("multipart 请求缺少有效的 boundary", "the multipart body has no boundary of a sensible length")
	}
	reader := multipart.NewReader(in, boundary)
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return m.failed(err)
		}
		if err := m.part(part, root); err != nil {
			return err
		}
	}
}

// failed gives the error for a body that could not be read.
func (m *parts) failed(err error) error {
	if m.body.over {
		return bodyTooLarge(m.d.limits.Multipart)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return readError(err)
	}
	e := malformed("multipart 请求内容不完整或格式错误", "the multipart body is broken or ends too early")
	e.cause = err
	return e
}

// part reads one part into the tree.
func (m *parts) part(part *multipart.Part, root *node) error {
	params := headerParams(part.Header.Get("Content-Disposition"))
	key := params["name"]
	if err := checkText(key); err != nil {
		return err
	}
	filename, isFile := params["filename"]
	var v Value
	var err error
	if isFile {
		v, err = m.file(part, filename)
	} else {
		v, err = m.field(part)
	}
	if err != nil {
		return err
	}
	return m.d.set(root, key, v)
}

// field reads the text of a plain field.
func (m *parts) field(part io.Reader) (Value, error) {
	text, err := io.ReadAll(io.LimitReader(part, m.fields+1))
	if err != nil {
		return Value{}, m.failed(err)
	}
	if m.fields -= int64(len(text)); m.fields < 0 {
		return Value{}, bodyTooLarge(m.d.limits.Body)
	}
	s := string(text)
	return stringValue(s), checkText(s)
}

// file reads an upload. One without a name or content is what a browser sends for a file that was not chosen, and is
// an empty string.
func (m *parts) file(part *multipart.Part, filename string) (Value, error) {
	f := &File{Name: baseName(filename), ContentType: part.Header.Get("Content-Type")}
	if err := checkText(f.Name); err != nil {
		return Value{}, err
	}
	if len(f.Name) > m.d.limits.Key {
		return Value{}, keyTooLong(m.d.limits.Key)
	}
	if len(f.ContentType) > m.d.limits.Key || checkText(f.ContentType) != nil {
		f.ContentType = ""
	}
	var head bytes.Buffer
	if _, err := head.ReadFrom(io.LimitReader(part, m.memory+1)); err != nil {
		return Value{}, m.failed(err)
	}
	if size := int64(head.Len()); size <= m.memory {
		m.memory -= size
		f.Size, f.content = size, bytes.NewReader(head.Bytes())
	} else if err := m.spill(f, io.MultiReader(&head, part)); err != nil {
		return Value{}, err
	}
	if f.Name == "" && f.Size == 0 {
		return stringValue(""), nil
	}
	return fileValue(f), nil
}

// spill puts an upload into the temporary file.
func (m *parts) spill(f *File, content io.Reader) error {
	if m.p.spool == nil {
		file, err := os.CreateTemp(m.d.limits.TempDir, "upload-*")
		if err != nil {
			return fmt.Errorf("param: keep an upload: %w", err)
		}
		m.p.spool = &spool{file: file}
	}
	s := m.p.spool
	f.content, f.offset = s.file, s.size
	n, err := io.Copy(s, content)
	f.Size = n
	switch {
	case s.err != nil:
		return fmt.Errorf("param: keep an upload: %w", s.err)
	case err != nil:
		return m.failed(err)
	default:
		return nil
	}
}

// baseName drops the directories from a file name, whichever slash divides them.
func baseName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if name == "." || name == ".." {
		return ""
	}
	return name
}

// headerParams gives the parameters after the first semicolon of a header with their names in lower case. It gives what
// it can make out of a header that breaks the rules.
func headerParams(header string) map[string]string {
	if _, params, err := mime.ParseMediaType(header); err == nil {
		return params
	}
	params := make(map[string]string)
	_, rest, _ := strings.Cut(header, ";")
	for rest != "" {
		name, after, found := strings.Cut(rest, "=")
		if i := strings.LastIndexByte(name, ';'); i >= 0 {
			name = name[i+1:]
		}
		if !found {
			break
		}
		var value string
		after = strings.TrimLeft(after, " \t")
		if quoted, ok := strings.CutPrefix(after, `"`); ok {
			value, rest, _ = strings.Cut(quoted, `"`)
		} else {
			value, rest, _ = strings.Cut(after, ";")
			value = strings.TrimSpace(value)
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := params[name]; !twice {
			params[name] = value
		}
	}
	return params
}
