using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Bodies;

/// <summary>Determines from the <c>Content-Type</c> of a request whether its body is JSON, a form or something else.</summary>
internal static class BodyType
{
    public static bool IsJson(MediaTypeHeaderValue? type) =>
        type is not null && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.Suffix.HasValue && type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)));

    public static bool IsForm(MediaTypeHeaderValue? type) => type?.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;
}
