using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin;

/// <summary>Checks the query parameters of administration requests.</summary>
internal static class QueryParameters
{
    /// <summary>Refuses parameters with other names. If a mistyped parameter was ignored, the request could change something else than its sender meant.</summary>
    /// <exception cref="RefusedException">There is a parameter with another name.</exception>
    public static void AllowOnly(this IQueryCollection query, params string[] names)
    {
        if (query.Keys.FirstOrDefault(name => !names.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new RefusedException(EdgeError.Invalid($"There is no parameter '{unknown}'. Use only: {string.Join(", ", names)}.", unknown));
        }
    }
}
