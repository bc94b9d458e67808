package v2

import (
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// UploadFiles answers POST /api/v2/attachments with the file that was kept, or,
// where the client sends a list of files, with the list of them.
func UploadFiles(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	uploads, several, err := uploadsOf(p)
	if err != nil {
		return err
	}
	if len(uploads) == 0 {
		return missingFile()
	}
	r := &reader{v: p.Root(), entity: "attachment"}
	var a crm.Attachment
	if r.recordOf(&a, false); r.err != nil {
		return r.err
	}
	r.either("sub_type", &a.SubType)
	r.either("note", &a.Note)
	if r.err != nil {
		return r.err
	}
	in := &service.NewFiles{Uploads: uploads, OwnerType: a.OwnerType, OwnerID: a.OwnerID, SubType: a.SubType, Note: a.Note}
	return c.Service.AddFiles(c.Context(), c.Caller, in, func(files []*crm.Attachment) error {
		if !several {
			return showFile(c)(files[0])
		}
		s := shapes(c)
		s.data(func() { s.files("attachments", files) })
		return nil
	})
}

// showFile gives what answers with one attachment; {} for none.
func showFile(c *call.Call) func(*crm.Attachment) error {
	return func(a *crm.Attachment) error {
		s := shapes(c)
		s.Object("")
		s.Int("code", 0)
		s.attachment("data", a)
		s.End()
		return nil
	}
}

func (s *shape) files(k string, files []*crm.Attachment) {
	s.Array(k)
	for _, a := range files {
		s.attachment("", a)
	}
	s.EndArray()
}

// attachments are the files in a customer's detail: a text where there are none.
func (s *shape) attachments(files []*crm.Attachment) {
	if len(files) == 0 {
		s.String("attachments", "暂无附件")
		return
	}
	s.files("attachments", files)
}

// Files answers GET /api/v2/attachments: the files of a record.
func Files(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	var a crm.Attachment
	r := &reader{v: p.Root(), entity: "attachment"}
	if r.recordOf(&a, true); r.err != nil {
		return r.err
	}
	return listFiles(c, p, a.OwnerType, a.OwnerID)
}

// FilesOf answers GET /api/v2/customers/:id/attachments and the like.
func FilesOf(ownerType string) call.Handler {
	return func(c *call.Call) error {
		id, ok := pathID(c)
		if !ok {
			return crm.ErrNotFound
		}
		p, err := c.Params()
		if err != nil {
			return err
		}
		return listFiles(c, p, ownerType, id)
	}
}

func listFiles(c *call.Call, p *param.Params, ownerType string, ownerID int64) error {
	q := &crm.ListQuery{}
	var err error
	if q.Page, q.PerPage, err = paging(p); err != nil {
		return err
	}
	found, page, err := c.Service.Files(c.Context(), c.Caller, ownerType, ownerID, q)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.page("attachments", page, len(found), func(i int) { s.attachment("", found[i]) })
	return nil
}

// File answers GET /api/v2/attachments/:id. The bytes are behind its links.
func File(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	a, err := c.Service.File(c.Context(), c.Caller, id)
	if err != nil {
		return err
	}
	return showFile(c)(a)
}

// UpdateFile answers PUT /api/v2/attachments/:id with the attachment as it is
// then. What is not sent stays.
func UpdateFile(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	return c.Service.UpdateFile(c.Context(), c.Caller, id, func(a *crm.Attachment) error {
		r := &reader{v: p.Root(), entity: "attachment"}
		r.either("name", &a.Name)
		r.either("note", &a.Note)
		return r.err
	}, showFile(c))
}

// AttachFile answers POST /api/v2/attachments/:id/attach with the attachment,
// which belongs to the record then.
func AttachFile(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	var to crm.Attachment
	r := &reader{v: p.Root(), entity: "attachment"}
	r.recordOf(&to, true)
	r.either("sub_type", &to.SubType)
	if r.err != nil {
		return r.err
	}
	return c.Service.AttachFile(c.Context(), c.Caller, id, &to, showFile(c))
}

// DeleteFile answers DELETE /api/v2/attachments/:id with the attachment as it
// was. Its links lead nowhere any more.
func DeleteFile(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.DeleteFile(c.Context(), c.Caller, id, showFile(c))
}

// among is where a parameter of a file stands: in attachment[...], or at the
// top.
func (r *reader) among(name string) *reader {
	if in := r.v.Object("attachment"); in.Has(name) {
		return &reader{v: in, entity: r.entity}
	}
	return r
}

// either reads a text, wherever it stands.
func (r *reader) either(name string, into *string) {
	in := r.among(name)
	in.text(name, into)
	r.fail(in.err)
}

// recordOf reads the record that a file belongs to. Both its parameters are
// given, or none where it is not demanded.
func (r *reader) recordOf(a *crm.Attachment, demanded bool) {
	var kind string
	r.either("attachmentable_type", &kind)
	in := r.among("attachmentable_id")
	in.id("attachmentable_id", &a.OwnerID)
	if r.fail(in.err); r.err != nil {
		return
	}
	kind = strings.TrimSpace(kind)
	switch {
	case kind == "" && a.OwnerID == 0 && !demanded:
		return
	case kind == "":
		r.fail(crm.Required(call.Named(r.entity, "attachmentable_type")))
		return
	case a.OwnerID == 0:
		r.fail(crm.Required(call.Named(r.entity, "attachmentable_id")))
		return
	}
	known := false
	if a.OwnerType, known = crm.FileOwnerType(kind); !known {
		r.wrong("attachmentable_type", mustBe{"只能是Customer、Contact、Lead或User", "can only be Customer, Contact, Lead or User"})
	}
}
