using System.IO.Compression;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Endpoint metadata of a page that may be compressed: a long list without secrets. The length of a compressed page reveals similarities between its parts. An
/// attacker who chooses one part and sees the length can guess another part (BREACH). So a page is not compressed if another site requested it: that site may
/// choose words in the URL. The form token is the only secret in such a page, and it differs in each response.
/// </summary>
internal sealed class PageCompression
{
    private const int Min = 4_096;

    /// <summary>Compresses the body if this request allows it, and sets the headers.</summary>
    /// <returns>Null: send the body uncompressed.</returns>
    public static MemoryStream? Apply(HttpContext context, PageText body)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<PageCompression>() is null)
        {
            return null;
        }

        context.Response.Headers.Vary = "Accept-Encoding, Sec-Fetch-Site";
        if (body.Length < Min || !IsOwn(context.Request) || !context.Request.Headers.AcceptEncoding.Any(value => value?.Contains("gzip", StringComparison.OrdinalIgnoreCase) == true))
        {
            return null;
        }

        var bytes = new MemoryStream(body.Length / 8);
        using (var zip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            body.WriteTo(zip);
        }

        context.Response.Headers.ContentEncoding = "gzip";
        return bytes;
    }

    // True: a page of this dashboard, or the user's own navigation, has caused the request.
    private static bool IsOwn(HttpRequest request) => request.Headers["Sec-Fetch-Site"] is ["same-origin" or "none"];
}
