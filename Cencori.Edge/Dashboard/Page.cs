using Cencori.Edge.Dashboard.Layout;
using Microsoft.AspNetCore.Components;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// A page: markup that is rendered once, on the server, from a finished model. It injects nothing, so that it cannot ask the database by accident.
/// </summary>
/// <typeparam name="TModel">All that it shows.</typeparam>
public abstract class Page<TModel> : ComponentBase
{
    [Parameter, EditorRequired]
    public Frame Frame { get; set; } = null!;

    [Parameter, EditorRequired]
    public TModel Model { get; set; } = default!;
}

/// <summary>Makes the answers of pages.</summary>
public static class Page
{
    /// <param name="frame">What stands around it.</param>
    /// <param name="model">What it shows.</param>
    /// <param name="status">The HTTP status. Default 200.</param>
    public static IResult Show<TPage, TModel>(Frame frame, TModel model, int status = StatusCodes.Status200OK)
        where TPage : Page<TModel> =>
        new PageResult(typeof(TPage), new Dictionary<string, object?> { ["Frame"] = frame, ["Model"] = model }, status);
}
