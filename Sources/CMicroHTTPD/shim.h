#pragma once
#include <microhttpd.h>

// Only what can't be written in Swift: variadic functions, casts between function and data pointers.

static inline struct MHD_Daemon *
cmicrohttpd_start_daemon(unsigned int flags, uint16_t port, MHD_AcceptPolicyCallback accepts,
                         MHD_AccessHandlerCallback handler, void *context, struct MHD_OptionItem *options)
{
  return MHD_start_daemon(flags, port, accepts, context, handler, context, MHD_OPTION_ARRAY, options,
                          MHD_OPTION_END);
}

typedef void *(*cmicrohttpd_uri_callback)(void *context, const char *uri, struct MHD_Connection *connection);

static inline struct MHD_OptionItem
cmicrohttpd_uri_option(cmicrohttpd_uri_callback callback, void *context)
{
  struct MHD_OptionItem item = {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t) callback, context};
  return item;
}

static inline struct MHD_OptionItem
cmicrohttpd_completed_option(MHD_RequestCompletedCallback callback, void *context)
{
  struct MHD_OptionItem item = {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t) callback, context};
  return item;
}

static inline struct MHD_OptionItem
cmicrohttpd_connection_option(MHD_NotifyConnectionCallback callback, void *context)
{
  struct MHD_OptionItem item = {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t) callback, context};
  return item;
}

static inline int
cmicrohttpd_socket(struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline void *
cmicrohttpd_socket_context(struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

static inline ssize_t
cmicrohttpd_end_with_error(void)
{
  return MHD_CONTENT_READER_END_WITH_ERROR;
}

static inline uint16_t
cmicrohttpd_port(struct MHD_Daemon *daemon)
{
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}
