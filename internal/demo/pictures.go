package demo

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/picture"
)

// The attachments of the examples.
const (
	cardID      = 14918
	avatar441   = 10322
	avatar443   = 4167
	firstFile   = 20001
	otherCards  = 20
	cardEvery   = 14
	cardWidth   = 600
	cardHeight  = 360
	contentType = "image/jpeg"
)

// file is an attachment with what draws it. Its size is known when it is drawn.
type file struct {
	crm.Attachment
	draw func() []byte
}

func newFile(id int64, name, ownerType string, owner, user int64, when crm.Time, draw func() []byte) file {
	return file{crm.Attachment{ID: id, Name: name, OwnerType: ownerType, OwnerID: owner, FileName: name,
		ContentType: contentType, UserID: user, Key: fmt.Sprintf("%d/%d/%s", Organization, id, name),
		CreatedAt: when, UpdatedAt: when}, draw}
}

// pictures makes the avatars and business cards and links them to people and
// contacts.
func pictures(people []crm.User, accounts []account) []file {
	var files []file
	next := int64(firstFile)
	for i := range people {
		u := &people[i]
		switch {
		case u.ID == OwnerID:
			u.AvatarID, u.AvatarName = avatar443, "aike_cam20150721093112.jpg"
		case u.ID == 441:
			u.AvatarID, u.AvatarName = avatar441, "avatar"
		case i%3 == 0:
			u.AvatarID, u.AvatarName = next, fmt.Sprintf("avatar_%d.jpg", u.ID)
			next++
		default:
			continue
		}
		files = append(files, newFile(u.AvatarID, u.AvatarName, "User", u.ID, u.ID, u.CreatedAt,
			func() []byte { return picture.DemoFace(u.ID) }))
	}
	cards := 0
	for i := range accounts {
		a := &accounts[i]
		for k := range a.contacts {
			c := &a.contacts[k]
			switch {
			case c.CardID == cardID:
				files = append(files, newFile(cardID, "attachment_1466479956.jpg", "Contact", c.ID, c.CreatorID, c.CreatedAt,
					card(c, a.NamePinyin)))
			case k == 0 && i%cardEvery == 3 && cards < otherCards:
				cards++
				c.CardID = next
				files = append(files, newFile(next, fmt.Sprintf("card_%d.jpg", c.ID), "Contact", c.ID, c.CreatorID, c.CreatedAt,
					card(c, a.NamePinyin)))
				next++
				if cards%5 == 0 { // some have a file in the custom field too
					files = append(files, newFile(next, fmt.Sprintf("scan_%d.jpg", c.ID), "Contact", c.ID, c.CreatorID, c.CreatedAt,
						func() []byte { return picture.DemoCard(c.ID+1, 450, 600, []string{"SCAN", c.NamePinyin}) }))
					c.Custom = crm.Values(fmt.Sprintf(`{%q:[%d]}`, fieldFiles, next))
					next++
				}
			}
		}
	}
	return files
}

func card(c *crm.Contact, company string) func() []byte {
	name := c.NamePinyin
	if name == "" {
		name = c.Name
	}
	return func() []byte {
		return picture.DemoCard(c.ID, cardWidth, cardHeight, []string{
			strings.ToUpper(name[:1]) + name[1:], company, c.Address.Phone.Value, c.Address.Tel.Value, c.Address.Email.Value,
		})
	}
}

// put draws and keeps the pictures and notes their sizes. It comes before the
// rows that name them, so that no row is ever without its picture.
func put(ctx context.Context, blobs blob.Store, files []file) (err error) {
	for i := range files {
		f := &files[i]
		if f.Size, err = blobs.Put(ctx, f.Key, bytes.NewReader(f.draw())); err != nil {
			return err
		}
	}
	return nil
}
