// Command golang copies customers from the CRM and writes a few back, with the
// standard library alone and a type for everything that it reads.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// minute is a time as the CRM writes it, never empty.
type minute time.Time

func (m *minute) UnmarshalText(b []byte) error {
	t, err := time.ParseInLocation("2006-01-02 15:04", string(b), time.FixedZone("", 8*3600))
	*m = minute(t)
	return err
}

type address struct {
	Lat, Lng   *string // texts in lists
	RegionInfo *string `json:"region_info"`
}

type customerItem struct {
	ID            int64   `json:"id"`
	Name          string  `json:"name"`
	Status        string  `json:"status"`
	CreatedAt     minute  `json:"created_at"`
	UpdatedAt     minute  `json:"updated_at"`
	RealRevisitAt minute  `json:"real_revisit_at"`
	Address       address `json:"address"`
}

type customer struct {
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	Status       string `json:"status"`
	StatusMapped string `json:"status_mapped"`
	BeforeUser   struct {
		ID int64 `json:"id"`
	} `json:"before_user"`
	Contacts []struct {
		ID int64 `json:"id"`
	} `json:"contacts"`
}

type page struct {
	TotalCount  int  `json:"total_count"`
	PerPage     int  `json:"per_page"`
	Page        int  `json:"page"`
	HasNextPage bool `json:"has_next_page"`
}

// refusal is an answer whose code is not 0.
type refusal struct {
	Code    json.Number // the origin's C# programs read it into a text
	Message string
}

func (r *refusal) Error() string { return fmt.Sprintf("%s: %s", r.Code, r.Message) }

type crm struct {
	token          string
	signIns, waits int
}

// send sends one request and waits while the CRM says that it is too fast.
func (c *crm) send(method, path, contentType string, body []byte, data any) error {
	for {
		req, err := http.NewRequest(method, os.Getenv("CRM_URL")+"/api/v2"+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", contentType)
		if c.token != "" {
			req.Header.Set("Authorization", "Token token="+c.token+",device=open_api,version_code=9.9.9")
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return err
		}
		if res.StatusCode == http.StatusTooManyRequests && string(text) == "Retry later\n" {
			c.waits++
			seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
			if err != nil {
				seconds = 5
			}
			time.Sleep(time.Duration(seconds) * time.Second)
			continue
		}
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s %s: HTTP %d %s", method, path, res.StatusCode, text)
		}
		a := struct {
			refusal
			Data json.RawMessage
		}{}
		if err := json.Unmarshal(text, &a); err != nil {
			return fmt.Errorf("%s %s: %w in %s", method, path, err, text)
		}
		if a.Code != "0" {
			return &a.refusal
		}
		if err := json.Unmarshal(a.Data, data); err != nil {
			return fmt.Errorf("%s %s: %w in %s", method, path, err, text)
		}
		return nil
	}
}

// login gives a new token.
func (c *crm) login() (string, error) {
	body, err := json.Marshal(map[string]string{"login": os.Getenv("CRM_LOGIN"), "password": os.Getenv("CRM_PASSWORD"),
		"device": "open_api", "version_code": "9.9.9", "corp_id": "wwjabcdefgh"})
	if err != nil {
		return "", err
	}
	var in struct {
		UserToken string `json:"user_token"`
		UserID    int64  `json:"user_id"`
		AvatarURL string `json:"avatar_url"`
		Expired   bool   `json:"is_expired"`
	}
	err = (&crm{}).send("POST", "/auth/login", "application/json", body, &in)
	c.signIns++
	return in.UserToken, err
}

// raw calls with a body as it is, and signs in again where the session ended.
func (c *crm) raw(method, path, contentType string, body []byte, data any) (err error) {
	for {
		if c.token == "" {
			if c.token, err = c.login(); err != nil {
				return err
			}
		}
		err = c.send(method, path, contentType, body, data)
		var r *refusal
		if !errors.As(err, &r) || r.Code != "100401" {
			return err
		}
		c.token = ""
	}
}

func (c *crm) call(method, path string, in, data any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	return c.raw(method, path, "application/json; chartset=utf-8", body, data)
}

// customers reads every customer.
func (c *crm) customers() (map[int64]customerItem, error) {
	all := map[int64]customerItem{}
	for n := 1; ; n++ {
		var data struct {
			Customers []customerItem
			page
		}
		if err := c.call("GET", fmt.Sprintf("/customers?page=%d&per_page=9&sort=updated_at", n), nil, &data); err != nil {
			return nil, err
		}
		for _, k := range data.Customers {
			if _, twice := all[k.ID]; twice {
				return nil, fmt.Errorf("customer %d came twice", k.ID)
			}
			all[k.ID] = k
		}
		if !data.HasNextPage {
			if data.TotalCount != len(all) {
				return nil, fmt.Errorf("%d of %d customers", len(all), data.TotalCount)
			}
			return all, nil
		}
	}
}

// upload sends a file for a customer.
func (c *crm) upload(id int64) (file struct {
	ID  int64  `json:"id"`
	URL string `json:"file_url"`
}, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("attachmentable_type", "Customer") // a buffer does not fail
	_ = w.WriteField("attachmentable_id", strconv.FormatInt(id, 10))
	part, err := w.CreateFormFile("file", "报价.txt")
	if err != nil {
		return file, err
	}
	_, _ = io.WriteString(part, "一百元")
	_ = w.Close()
	err = c.raw("POST", "/attachments", w.FormDataContentType(), b.Bytes(), &file)
	return file, err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type object map[string]any

func run() error {
	c := &crm{}
	all, err := c.customers()
	if err != nil {
		return err
	}
	day := time.Now().UTC().Add(8 * time.Hour).Format("2006-01-02")
	var today struct{ page }
	if err := c.call("GET", "/customers?"+url.Values{"created_at[]": {day, day}, "per_page": {"1"}}.Encode(), nil, &today); err != nil {
		return err
	}
	var statuses struct {
		Options []struct{ Label, Name, Source, Value string }
	}
	if err := c.call("GET", "/customers/status/filter_options", nil, &statuses); err != nil {
		return err
	}
	create := object{"customer": object{"name": "南昌市够浪商贸有限公司", "status": statuses.Options[0].Value,
		"address_attributes": object{"phone": "13800000231", "detail_address": "八一大道4号"},
		"contacts_attributes": []object{{"name": "张三", "address_attributes": object{"phone": "13800000232"}},
			{"name": "李四"}}}}
	var made, changed, turned customer
	if err := c.call("POST", "/customers", create, &made); err != nil {
		return err
	}
	var duplicate *refusal
	if err := c.call("POST", "/customers", create, &made); !errors.As(err, &duplicate) {
		return fmt.Errorf("the same customer once more: %v", err)
	}
	status := object{"customer": object{"status": statuses.Options[1].Value}}
	if err := c.call("PUT", fmt.Sprintf("/customers/%d", made.ID), status, &changed); err != nil {
		return err
	}
	file, err := c.upload(made.ID)
	if err != nil {
		return err
	}
	var lead struct {
		ID int64 `json:"id"`
	}
	if err := c.call("POST", "/leads", object{"lead": object{"name": "王五", "company_name": "够浪线索公司",
		"address_attributes": object{"phone": "13800000233"}}}, &lead); err != nil {
		return err
	}
	if _, err := c.login(); err != nil { // somebody signs in with the same account elsewhere
		return err
	}
	if err := c.call("POST", "/customers", object{"refer_lead_id": lead.ID, "customer": object{"note": "转自线索"}}, &turned); err != nil {
		return err
	}
	var found struct{ page }
	if err := c.call("GET", "/contacts?"+url.Values{"query": {"张三"}}.Encode(), nil, &found); err != nil {
		return err
	}
	for c.waits == 0 {
		var any object
		if err := c.call("GET", "/customers/filter_sort_group", nil, &any); err != nil {
			return err
		}
	}
	code, err := duplicate.Code.Int64()
	if err != nil || !strings.Contains(duplicate.Message, "客户名称") {
		return fmt.Errorf("a duplicate is told as %v", duplicate)
	}
	return json.NewEncoder(os.Stdout).Encode(object{"customers": len(all), "today": today.TotalCount, "id": made.ID,
		"contacts": len(made.Contacts), "status": changed.Status, "status_mapped": changed.StatusMapped,
		"wanted_status": statuses.Options[1].Value, "duplicate": code, "file": file.ID, "file_url": file.URL, "lead": lead.ID,
		"turned": turned.ID, "turned_name": turned.Name, "found": found.TotalCount, "sign_ins": c.signIns, "waits": c.waits})
}
