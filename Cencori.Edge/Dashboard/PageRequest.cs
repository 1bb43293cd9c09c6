using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Antiforgery;

namespace Cencori.Edge.Dashboard;

/// <summary>What every page asks about the request for it. <see cref="PageMiddleware"/> has found it out.</summary>
public sealed class PageRequest
{
    private readonly HttpContext _context;

    internal PageRequest(HttpContext context, SignedIn? user, PageProject? project) => (_context, SignedIn, KnownProject) = (context, user, project);

    public HttpContext Context => _context;

    /// <summary>Null: nobody is signed in, and the page is for everybody.</summary>
    public SignedIn? SignedIn { get; }

    /// <exception cref="InvalidOperationException">The page is for everybody.</exception>
    public SignedIn User => SignedIn ?? throw new InvalidOperationException("Nobody is signed in.");

    /// <summary>Null: the page is about no project.</summary>
    public PageProject? KnownProject { get; }

    /// <exception cref="InvalidOperationException">The route has no <c>{slug}</c>.</exception>
    public PageProject Project => KnownProject ?? throw new InvalidOperationException("This page is about no project.");

    public AuditActor Actor => User.Actor(_context);

    public CancellationToken Aborted => _context.RequestAborted;

    /// <summary>The environment that the page is narrowed to; null: all.</summary>
    public KeyEnvironment? Environment => Enum.TryParse<KeyEnvironment>(_context.Request.Query["env"], ignoreCase: true, out var environment) && Enum.IsDefined(environment) ? environment : null;

    /// <summary>The form that was posted. Its token has been checked.</summary>
    /// <exception cref="RefusedException">A field has a null character, which no database keeps.</exception>
    public async Task<IFormCollection> FormAsync()
    {
        var form = await _context.Request.ReadFormAsync(Aborted);
        return form.FirstOrDefault(field => field.Value.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true)).Key is { } wrong
            ? throw new RefusedException(EdgeError.Invalid("A null character cannot be stored.", wrong))
            : form;
    }

    /// <summary>What stands around a page.</summary>
    /// <param name="title">The page's heading.</param>
    /// <param name="section">Where it is in the navigation.</param>
    public Frame Frame(string title, Section section)
    {
        var services = _context.RequestServices;
        var tokens = services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(_context);
        return new Frame
        {
            Title = title,
            Section = section,
            SignedIn = SignedIn,
            Project = KnownProject,
            Environment = Environment,
            FormField = tokens.FormFieldName,
            FormToken = tokens.RequestToken!,
            Viewer = Viewer.Of(_context.Request, services.GetRequiredService<TimeProvider>()),
            Notice = Notices.Text(_context.Request.Query["done"]),
            Address = _context.Request.Path + _context.Request.QueryString,
            Assets = services.GetRequiredService<AssetFiles>().Base,
        };
    }

    /// <summary>The response to a form that has been carried out: the browser is sent to a page, which a reload does not carry out again.</summary>
    /// <param name="path">Of ours, from the root of the site.</param>
    /// <param name="done">What the page says has been done: one of <see cref="Notices"/>.</param>
    public static IResult RedirectTo(string path, string? done = null) =>
        new SeeOther(done is null ? path : $"{path}{(path.Contains('?') ? '&' : '?')}done={done}");

    /// <summary>How the framework makes it a parameter of a handler.</summary>
    public static ValueTask<PageRequest?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<PageRequest>());

    private sealed class SeeOther(string path) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = path;
            return Task.CompletedTask;
        }
    }
}
