package blob

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

// octets is the type of a file of which nothing is known.
const octets = "application/octet-stream"

// Inline says whether a browser may show a file of this type in the place of a
// page. Everything else is for saving: a page or a drawing with scripts that
// somebody uploaded must not run under our address.
func Inline(contentType string) bool {
	return isPicture(contentType) || contentType == "application/pdf"
}

// isPicture knows the types that package picture reads.
func isPicture(contentType string) bool {
	switch contentType {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
		return true
	}
	return false
}

// refused are the extensions that a system runs when a file is opened.
var refused = set(`.exe .com .scr .pif .bat .cmd .msi .msp .mst .dll .sys .cpl .drv .ocx .hta .vbs .vbe .js .jse .mjs
	.wsf .wsh .wsc .sct .ps1 .ps1xml .psm1 .psd1 .sh .bash .zsh .csh .ksh .fish .run .elf .so .dylib .lnk .url .desktop
	.reg .scf .inf .gadget .msc .jar .war .class .jnlp .apk .xapk .aab .ipa .app .pkg .dmg .deb .rpm .appimage .msix .appx
	.appxbundle .msixbundle .application .chm .hlp .xll .settingcontent-ms .action .command .workflow .pl .py .pyc .pyw .rb`)

func set(words string) map[string]bool {
	s := map[string]bool{}
	for _, w := range strings.Fields(words) {
		s[w] = true
	}
	return s
}

func refusedName(name string) bool { return refused[extension(name)] }

// programs are the first bytes of what a system runs, whatever its name.
var programs = []string{
	"\x7fELF", "#!/", "#! /", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe",
	"\xca\xfe\xba\xbe", "dex\n0", "\x00asm", "L\x00\x00\x00\x01\x14\x02\x00",
}

func isProgram(head []byte) bool {
	for _, p := range programs {
		if bytes.HasPrefix(head, []byte(p)) {
			return true
		}
	}
	// Two letters alone may begin a text; the header behind them holds zeros.
	return bytes.HasPrefix(head, []byte("MZ")) && bytes.IndexByte(head[:min(len(head), 64)], 0) > 0
}

// families are the first bytes by which kinds of files are known. Several
// types can be of one family: a document of a word processor is a ZIP archive.
var families = []struct {
	family string
	at     int
	bytes  string
}{
	{"jpeg", 0, "\xff\xd8\xff"}, {"png", 0, "\x89PNG\r\n\x1a\n"}, {"gif", 0, "GIF87a"}, {"gif", 0, "GIF89a"},
	{"webp", 8, "WEBP"}, {"wav", 8, "WAVE"}, {"bmp", 0, "BM"}, {"tiff", 0, "II*\x00"}, {"tiff", 0, "MM\x00*"},
	{"heic", 4, "ftyphei"}, {"heic", 4, "ftypmif1"}, {"heic", 4, "ftyphev"}, {"mp4", 4, "ftyp"},
	{"pdf", 0, "%PDF-"}, {"ole", 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, {"zip", 0, "PK\x03\x04"}, {"zip", 0, "PK\x05\x06"},
	{"gzip", 0, "\x1f\x8b"}, {"rar", 0, "Rar!\x1a\x07"}, {"7z", 0, "7z\xbc\xaf\x27\x1c"},
	{"mp3", 0, "ID3"}, {"mp3", 0, "\xff\xfb"}, {"mp3", 0, "\xff\xf3"}, {"mp3", 0, "\xff\xf2"},
	{"amr", 0, "#!AMR"}, {"ogg", 0, "OggS"}, {"rtf", 0, `{\rtf`},
}

// family says what the first bytes of a file show; empty where they show
// nothing.
func family(head []byte) string {
	for _, f := range families {
		if len(head) >= f.at && bytes.HasPrefix(head[f.at:], []byte(f.bytes)) && (f.at != 8 || bytes.HasPrefix(head, []byte("RIFF"))) {
			if f.family == "bmp" && bytes.IndexByte(head, 0) < 0 {
				head = head[2:] // a text that begins with these letters
				break
			}
			return f.family
		}
	}
	text, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch text {
	case "text/html", "text/xml", "text/plain":
		drawing := bytes.Contains(bytes.ToLower(head), []byte("<svg"))
		switch {
		case text == "text/html" && !(drawing && bytes.HasPrefix(bytes.TrimSpace(head), []byte("<!--"))):
			return "html"
		case drawing:
			return "svg"
		case text == "text/xml":
			return "xml"
		}
		return "text"
	}
	return ""
}

// kinds are the types of files. The first of a family is for extensions that
// are not in the table.
var kinds = []struct{ family, contentType, extensions string }{
	{"jpeg", "image/jpeg", ".jpg .jpeg .jpe .jfif"}, {"png", "image/png", ".png"}, {"gif", "image/gif", ".gif"},
	{"webp", "image/webp", ".webp"}, {"bmp", "image/bmp", ".bmp"}, {"tiff", "image/tiff", ".tif .tiff"},
	{"heic", "image/heic", ".heic .heif"}, {"pdf", "application/pdf", ".pdf"},
	{"ole", octets, ""},
	{"ole", "application/msword", ".doc .dot .wps"},
	{"ole", "application/vnd.ms-excel", ".xls .xlt .et"},
	{"ole", "application/vnd.ms-powerpoint", ".ppt .pps .dps"},
	{"ole", "application/vnd.ms-outlook", ".msg"},
	{"zip", "application/zip", ".zip"},
	{"zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
	{"zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
	{"zip", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"},
	{"zip", "application/vnd.oasis.opendocument.text", ".odt"},
	{"zip", "application/vnd.oasis.opendocument.spreadsheet", ".ods"},
	{"zip", "application/vnd.oasis.opendocument.presentation", ".odp"},
	{"gzip", "application/gzip", ".gz .tgz"}, {"rar", "application/vnd.rar", ".rar"},
	{"7z", "application/x-7z-compressed", ".7z"}, {"mp3", "audio/mpeg", ".mp3"}, {"wav", "audio/wav", ".wav"},
	{"amr", "audio/amr", ".amr"}, {"ogg", "audio/ogg", ".ogg .oga .opus"},
	{"mp4", "video/mp4", ".mp4 .m4v"}, {"mp4", "audio/mp4", ".m4a"}, {"mp4", "video/quicktime", ".mov"},
	{"html", "text/html", ".html .htm .shtml .xhtml"}, {"svg", "image/svg+xml", ".svg"}, {"xml", "text/xml", ".xml"},
	{"rtf", "application/rtf", ".rtf"},
	{"text", "text/plain", ".txt .log .md"}, {"text", "text/csv", ".csv"}, {"text", "application/json", ".json"},
	{"text", "text/vcard", ".vcf"}, {"text", "text/calendar", ".ics"},
}

// typeOf is the type of a file: its first bytes and its extension must agree
// on one, or the extension must be none that says anything.
func typeOf(head []byte, ext string) string {
	is, byDefault, contradicted := family(head), "", false
	for _, k := range kinds {
		named := slices.Contains(strings.Fields(k.extensions), ext)
		switch {
		case named && k.family == is:
			return k.contentType
		case named:
			contradicted = true
		case k.family == is && byDefault == "":
			byDefault = k.contentType
		}
	}
	if contradicted || byDefault == "" {
		return octets
	}
	return byDefault
}
