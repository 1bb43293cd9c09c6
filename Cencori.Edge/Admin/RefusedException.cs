using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin;

/// <summary>
/// Thrown if an administrative operation is refused, in the API and in the dashboard. Inside a change, the exception rolls back the whole change. <see cref="StorageFailureHandler"/>
/// converts it to an API response; a dashboard page shows it beside the field.
/// </summary>
public sealed class RefusedException(EdgeError error) : Exception(error.Message)
{
    public EdgeError Error => error;
}

/// <summary>Converts errors to <see cref="RefusedException"/>.</summary>
public static class Refusals
{
    /// <exception cref="RefusedException">The error is not null.</exception>
    public static void ThrowIfAny(this EdgeError? problem)
    {
        if (problem is not null)
        {
            throw new RefusedException(problem);
        }
    }
}
