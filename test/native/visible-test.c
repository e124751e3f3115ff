#include "check.h"
#include "../../native/launcher/base/visible.h"

static int shows(const char *text, const char *expected)
{
	char out[256];
	return make_visible(out, sizeof out, text) == strlen(expected) && strcmp(out, expected) == 0;
}

int main(void)
{
	char out[8];

	CHECK("plain text stays", shows("make: caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82", "make: caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82"));
	CHECK("escape sequences do not", shows("a\x1b[2J\x07\x7f", "a\\x1b[2J\\x07\\x7f"));
	CHECK("nor those of one character", shows("\xc2\x9b" "2J", "\\x9b2J"));
	CHECK("nor line ends", shows("a\r\n\tb", "a\\r\\n\\tb"));
	CHECK("nor what reorders", shows("\xe2\x80\xae" "cba\xe2\x81\xa6\xf3\xa0\x81\x81", "\\u{202e}cba\\u{2066}\\u{e0041}"));
	CHECK("stray bytes are told", shows("\xff\x80" "a\xc3", "\\xff\\x80a\\xc3"));
	CHECK("so are overlong ones, surrogates and what is beyond", shows("\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xf8", "\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80\\xf8"));
	CHECK("a cut leaves whole characters", make_visible(out, sizeof out, "aaaaa\xe2\x82\xac") == 5 && strcmp(out, "aaaaa") == 0);
	CHECK("and whole escapes", make_visible(out, sizeof out, "aaaa\x1b") == 4 && strcmp(out, "aaaa") == 0);
	return finish("visible-test");
}
