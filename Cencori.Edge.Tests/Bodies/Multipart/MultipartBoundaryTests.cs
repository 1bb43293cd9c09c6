using Cencori.Edge.Bodies.Multipart;

namespace Cencori.Edge.Tests.Bodies.Multipart;

public class MultipartBoundaryTests
{
    [Theory]
    [InlineData("multipart/form-data; boundary=abc", "abc")]
    [InlineData("Multipart/Form-Data; charset=utf-8; BOUNDARY=\"a b=c\"", "a b=c")]
    [InlineData("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", "----WebKitFormBoundary7MA4YWxkTrZu0gW")]
    public void The_boundary_is_found_quoted_or_not(string contentType, string expected)
    {
        Assert.True(MultipartBoundary.TryParse(contentType, out var boundary, out _));
        Assert.Equal(expected, boundary);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("application/json")]
    [InlineData("multipart/mixed; boundary=abc")]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    [InlineData("multipart/form-data; boundary=a; boundary=b")]
    [InlineData("multipart/form-data; boundary=\"a\\\"b\"")]
    [InlineData("multipart/form-data; boundary=\"a \"")]
    [InlineData("multipart/form-data; boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_content_type_without_one_usable_boundary_is_refused(string? contentType)
    {
        Assert.False(MultipartBoundary.TryParse(contentType, out _, out var problem));
        Assert.Contains("Content-Type", problem.Message, StringComparison.Ordinal);
    }
}
