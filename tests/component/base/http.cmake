pult_test(base_http_component component SOURCES http_server_test.cpp http_files_test.cpp send_pages_test.cpp LIBS pult_base)
