namespace Cencori.Edge.Projects;

public static class ProjectServices
{
    public static IServiceCollection AddProjects(this IServiceCollection services) => services.AddSingleton<ProjectCache>();
}
