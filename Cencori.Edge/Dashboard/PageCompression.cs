using System.IO.Compression;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Metadata of a page that may be compressed: a long list that shows no secret. The length of a compressed page tells who can count its bytes how alike its parts
/// are, and who can also choose one part finds another by that. So nothing is compressed that another site has asked the browser for, with words of its
/// choice in the address; and the form token, which is the only secret of the page, is another one in each response.
/// </summary>
internal sealed class PageCompression
{
    private const int Least = 4_096;

    /// <summary>Writes the headers that say how this request takes the body.</summary>
    /// <returns>Null: as it is.</returns>
    public static MemoryStream? Apply(HttpContext context, PageText body)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<PageCompression>() is null)
        {
            return null;
        }

        context.Response.Headers.Vary = "Accept-Encoding, Sec-Fetch-Site";
        if (body.Length < Least || !IsOwn(context.Request) || !context.Request.Headers.AcceptEncoding.Any(value => value?.Contains("gzip", StringComparison.OrdinalIgnoreCase) == true))
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

    // Of a page of ours, or of the person.
    private static bool IsOwn(HttpRequest request) => request.Headers["Sec-Fetch-Site"] is ["same-origin" or "none"];
}
