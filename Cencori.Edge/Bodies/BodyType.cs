using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Bodies;

/// <summary>Classifies a request body by its <c>Content-Type</c>.</summary>
internal static class BodyType
{
    public static bool IsJson(MediaTypeHeaderValue? type) =>
        type is not null && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.Suffix.HasValue && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)));

    public static bool IsForm(MediaTypeHeaderValue? type) => type?.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;
}
