namespace Cencori.Edge.Dashboard.Layout;

/// <summary>A place in the navigation.</summary>
public enum Section
{
    None,
    Projects,
    Audit,
    Members,
    Status,
    Reference,
    Overview,
    Keys,
    Providers,
    Routes,
    Policies,
    Usage,
    Logs,
    Playground,
    Limits,
    Budget,
    Agents,
    Prompts,
    Memory,
    Settings,
}
