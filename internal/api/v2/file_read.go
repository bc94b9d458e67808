package v2

import (
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

var mustBeFile = mustBe{"必须是文件", "must be a file"}

func missingFile() *crm.Error {
	return crm.BadParam("缺少file参数", "Parameter file is missing")
}

// uploadsOf finds the files of a multipart form under the names that clients
// use: file, attachment and attachment[file] for one, files[] and
// attachment[files][] for several. A file that was not chosen counts as not sent.
func uploadsOf(p *param.Params, more ...string) (uploads []service.Upload, several bool, err error) {
	in := p.Object("attachment")
	places := []param.Value{p.Get("file"), p.Get("files"), in.Get("file"), in.Get("files")}
	if in.Kind() == param.KindAbsent {
		places = append(places, p.Get("attachment"))
	}
	for _, name := range more {
		if v := p.Object(name); v.Present() {
			places = append(places, v.Get("file"))
		} else {
			places = append(places, p.Get(name))
		}
	}
	for _, v := range places {
		list := []param.Value{v}
		if v.IsList() {
			list, several = v.List(), true
		}
		for _, one := range list {
			f := one.File()
			if f == nil && one.Filled() {
				return nil, false, wrongType("attachment", "file", mustBeFile)
			}
			if f != nil {
				uploads = append(uploads, service.Upload{Name: f.Name, Size: f.Size, Content: f.Open()})
			}
		}
	}
	return uploads, several || len(uploads) > 1, nil
}

// pictureOf reads what a card or an avatar is made of: an uploaded file, or the
// id of an attachment under one of the names.
func pictureOf(p *param.Params, file string, ids ...string) (*service.Picture, error) {
	uploads, _, err := uploadsOf(p, file)
	switch {
	case err != nil:
		return nil, err
	case len(uploads) > 1:
		return nil, crm.BadParam("只能上传一个文件", "Only one file can be uploaded")
	case len(uploads) == 1:
		return &service.Picture{Upload: &uploads[0]}, nil
	}
	for _, name := range ids {
		if p.Given(name) {
			id, err := oneID(p, "attachment", name)
			return &service.Picture{ID: id}, err
		}
	}
	return nil, missingFile()
}
