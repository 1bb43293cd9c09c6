using Cencori.Edge.Dashboard.Layout;
using Microsoft.AspNetCore.Components;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Base class of pages. The server renders a page from a complete model. A page injects no services, so it cannot query the database by accident.
/// </summary>
/// <typeparam name="TModel">The type with all data that the page shows.</typeparam>
public abstract class Page<TModel> : ComponentBase
{
    [Parameter, EditorRequired]
    public Frame Frame { get; set; } = null!;

    [Parameter, EditorRequired]
    public TModel Model { get; set; } = default!;
}

/// <summary>Creates the responses of pages.</summary>
public static class Page
{
    /// <param name="frame">The frame around the content.</param>
    /// <param name="model">The data of the page.</param>
    /// <param name="status">The HTTP status. Default 200.</param>
    public static IResult Show<TPage, TModel>(Frame frame, TModel model, int status = StatusCodes.Status200OK)
        where TPage : Page<TModel> =>
        new PageResult(typeof(TPage), new Dictionary<string, object?> { ["Frame"] = frame, ["Model"] = model }, status);
}
